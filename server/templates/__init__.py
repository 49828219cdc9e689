"""Pages that must work before any script has loaded."""

from collections.abc import Mapping
from pathlib import Path


def render(name: str, words: Mapping[str, object]) -> str:
    """A page of this folder with its words filled in, escaped."""
    from jinja2 import Environment, FileSystemLoader  # seldom needed

    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return pages.get_template(name).render(words)
