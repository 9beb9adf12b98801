"""What WordPress writes around comments, in English, Finnish and Swedish: which article, and who is answered.

In the feed of a site a comment is called "Comment on ARTICLE by NAME", in that of one article "By: NAME", and
there the feed is called "Comments on: ARTICLE". Nobody wrote these words, so they are no title of a post.
"""

import re

_COMMENT = re.compile(r"#comment-(\d+)$")
_COMMENT_PAGE = re.compile(r"/comment-page-\d+/?$")
_ANSWERED = re.compile(r'^\s*<p>[^<]{1,80}<a href="[^"]*#comment-(\d+)">[^<]*</a>[^<]{0,20}</p>')
_HEADS = tuple(
    (re.compile(rf"{written}\s*:?", re.IGNORECASE), re.compile(rf"{written}\s*:?\s+\S.*", re.IGNORECASE))
    for written in (
        r"comment on (?P<title>.+) by",
        r"kommentti artikkeliin:? (?P<title>.+?),? (?:kirjoitti|kirjoittanut|kirjoittajalta)",
        r"kommentar (?:på|till):? (?P<title>.+) av",
    )
)
_BY = re.compile(r"(?:by|kirjoittanut|kirjoittaja|kirjoitti|tekijä|av|skrivet av)\s*:\s*\S.*", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:comments on|kommentit artikkeliin|kommentit artikkelille|kommentit"
    r"|artikkelin kommentit|kommentarer (?:på|till)|kommentarer)\s*(?::\s*|\s)(?P<title>\S.*)",
    re.IGNORECASE,
)
_LONGEST_WORD_FOR_BY = 20


def is_comment(link: str) -> bool:
    """Whether an address is that of a comment, as WordPress makes them."""
    return _COMMENT.search(link) is not None


def comment_number(*addresses: str) -> str:
    """Return the number of a comment out of the first address that holds one, or ""."""
    found = (_COMMENT.search(address) for address in addresses)
    return next((one.group(1) for one in found if one), "")


def own_markup(markup: str) -> tuple[str, str]:
    """Return a comment without the line "In reply to NAME.", and the number of the comment it answers."""
    found = _ANSWERED.match(markup)
    return (markup[found.end() :], found.group(1)) if found else (markup, "")


def article_page(url: str) -> str:
    """Return the address of an article without the page of its comments."""
    return _COMMENT_PAGE.sub("/", url)


def article_of(title: str, author: str, link: str, feed_title: str) -> str | None:
    """Return the title of the article that a comment stands under, "" where it is not told.

    None when `title` is one that somebody wrote.
    """
    named = _named(title, author)
    if named is not None:
        return named
    return _about(feed_title) if is_comment(link) and _is_by(title, author) else None


def _named(title: str, author: str) -> str | None:
    """The article in "Comment on ARTICLE by NAME"; the name is known, and may hold "by" itself."""
    before = title[: -len(author)].rstrip() if author and title.endswith(author) else ""
    found = (head.fullmatch(before) or whole.fullmatch(title) for head, whole in _HEADS)
    return next((one.group("title").strip() for one in found if one), None)


def _is_by(title: str, author: str) -> bool:
    """Whether a title only names the writer: "By: NAME", in whatever language."""
    before = title.removesuffix(author).rstrip() if author else title
    is_marked = before != title and before.endswith(":") and len(before) <= _LONGEST_WORD_FOR_BY
    return is_marked or bool(author and title == author) or _BY.fullmatch(title) is not None


def _about(feed_title: str) -> str:
    """The article in "Comments on: ARTICLE"; in other languages what stands after the colon."""
    found = _ABOUT.fullmatch(feed_title)
    if found:
        return found.group("title")
    return feed_title.partition(": ")[2].strip()
