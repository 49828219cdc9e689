// Generated from locale/*.po by `make types`; not edited by hand.
export const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "fi": {
    "worker.news": "Sinulle on uutta"
  },
  "sv": {
    "worker.news": "Det finns nytt för dig"
  },
  "en": {
    "worker.news": "There is something new for you"
  }
}
