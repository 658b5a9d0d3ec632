"""API v1: one NinjaAPI, one router per noun."""

from ninja import NinjaAPI

api = NinjaAPI(title="苗册 API", version="1.0.0", urls_namespace="api-v1", docs_url=None, openapi_url="/openapi.json")
