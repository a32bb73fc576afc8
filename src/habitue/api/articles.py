"""Articles: read what the shop published, put articles in, and take them out."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from habitue.model.api_key import Scope
from habitue.model.article import Article

from .customers import moment
from .operation import Call, Moment, Nothing, Operation, Page
from .ports import Services
from .problems import ApiError, Kind, missing
from .products import PUT_MAX, Address, GoodsAsked, Id, PutRead, Short, When, instant, put_read


class ArticleDescription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article, whole: what is left out is not known of it any more."""

    title: Annotated[str, Meta(min_length=1, max_length=500)]
    url: Address = ""
    summary: Annotated[str, Meta(max_length=10_000)] = ""
    image_url: Address = ""
    categories: Annotated[list[Short], Meta(max_length=20)] = []
    author: Short = ""
    locale: Annotated[str, Meta(max_length=35)] = ""
    published_at: When | None = None
    updated_at: Annotated[
        When | None, Meta(description="When it was changed. What is older than what is known changes nothing.")
    ] = None


class ArticleGiven(ArticleDescription, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article, whole, with its id."""

    id: Id


class ArticlesToPut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some articles."""

    articles: Annotated[list[ArticleGiven], Meta(min_length=1, max_length=PUT_MAX)]
    tell: Annotated[
        bool, Meta(description="Whether customers may hear of new ones; false to bring a catalogue in.")
    ] = True


class ArticleRead(msgspec.Struct, frozen=True, kw_only=True):
    """An article as it was described last."""

    id: str
    title: str
    url: str
    summary: str
    image_url: str
    categories: list[str]
    author: str
    locale: str
    published_at: Moment | None
    updated_at: Moment | None


class ArticlePage(Page, frozen=True, kw_only=True):
    """Articles in the order of their ids."""

    data: list[ArticleRead]


def _read(article: Article) -> ArticleRead:
    said = {name: getattr(article, name) for name in ArticleRead.__struct_fields__ if name not in _TIMES}
    return ArticleRead(published_at=moment(article.published_at), updated_at=moment(article.updated_at), **said)


_TIMES = ("published_at", "updated_at")


def list_articles(services: Services, call: Call[GoodsAsked, Nothing]) -> ArticlePage:
    limit = call.query.limit
    found = services.goods.articles_after(call.place(str) or "", call.query.query, limit + 1)
    place = found[limit - 1].id if len(found) > limit else None
    return call.page(ArticlePage, [_read(article) for article in found[:limit]], place)


def read_article(services: Services, call: Call[Nothing, Nothing]) -> ArticleRead:
    return _read(_find(services, call.path["article"]))


def _find(services: Services, one: str) -> Article:
    article = services.goods.articles_by_id([one]).get(one)
    if article is None:
        raise missing("article", one)
    return article


def put_article(services: Services, call: Call[Nothing, ArticleDescription]) -> ArticleRead:
    article = _article(call.path["article"], call.body)
    put = services.goods.put_articles([article], source=call.key.name, at=call.now)
    if put.stale:
        raise ApiError(Kind.CONFLICT, "what is known of this article is newer than `updated_at` says; nothing changed")
    return _read(_find(services, article.id))


def put_articles(services: Services, call: Call[Nothing, ArticlesToPut]) -> PutRead:
    articles = [_article(given.id, given) for given in call.body.articles]
    return put_read(services.goods.put_articles(articles, source=call.key.name, at=call.now, tell=call.body.tell))


def _article(one: str, given: ArticleDescription) -> Article:
    said = {name: getattr(given, name) for name in ArticleDescription.__struct_fields__ if name not in _TIMES}
    return Article(
        id=one,
        published_at=instant(given.published_at),
        updated_at=instant(given.updated_at),
        **said,
    )


def delete_article(services: Services, call: Call[Nothing, Nothing]) -> None:
    article = _find(services, call.path["article"])
    services.goods.delete_articles([article.id], source=call.key.name, at=call.now)


_EXAMPLE = {"title": "How to hang a bird house", "url": "/blog/bird-house", "categories": ["Garden"]}

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    Operation(
        id="list_articles",
        method="GET",
        path="/catalogue/articles",
        tag="Catalogue",
        summary="List articles",
        scope=Scope.CATALOGUE_READ,
        handler=list_articles,
        answer=ArticlePage,
        query=GoodsAsked,
        body=Nothing,
    ),
    Operation(
        id="put_articles",
        method="PUT",
        path="/catalogue/articles",
        tag="Catalogue",
        summary="Describe some articles",
        scope=Scope.CATALOGUE_WRITE,
        handler=put_articles,
        answer=PutRead,
        query=Nothing,
        body=ArticlesToPut,
        example={"articles": [{"id": "a1", **_EXAMPLE}]},
    ),
    Operation(
        id="read_article",
        method="GET",
        path="/catalogue/articles/{article}",
        tag="Catalogue",
        summary="Read an article",
        scope=Scope.CATALOGUE_READ,
        handler=read_article,
        answer=ArticleRead,
        query=Nothing,
        body=Nothing,
    ),
    Operation(
        id="put_article",
        method="PUT",
        path="/catalogue/articles/{article}",
        tag="Catalogue",
        summary="Describe an article",
        scope=Scope.CATALOGUE_WRITE,
        handler=put_article,
        answer=ArticleRead,
        query=Nothing,
        body=ArticleDescription,
        problems=("conflict",),
        example=_EXAMPLE,
    ),
    Operation(
        id="delete_article",
        method="DELETE",
        path="/catalogue/articles/{article}",
        tag="Catalogue",
        summary="Take an article out",
        scope=Scope.CATALOGUE_WRITE,
        handler=delete_article,
        answer=Nothing,
        query=Nothing,
        body=Nothing,
        status=204,
    ),
)
