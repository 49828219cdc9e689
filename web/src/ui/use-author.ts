import { useState } from 'preact/hooks'
import { type Author, author } from '../intents.ts'

/** Whose words this form takes: decided when it opens, so that a switch of person can't change it. */
export const useAuthor = (): Author => useState(author)[0]
