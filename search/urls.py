"""Addresses of search's pages."""

from django.urls import URLPattern, path

from search import attribute_views, reel_views, saved_views, views, words_views

urlpatterns: list[URLPattern] = [
    path("search/", views.search_page, name="search"),
    path("search/picture/", views.search_picture, name="search-picture"),
    path("search/picture/<slug:token>.jpg", views.search_example, name="search-example"),
    path("search/collect/", views.search_collect, name="search-collect"),
    path("search/saved/", saved_views.saved_searches, name="saved-searches"),
    path("search/saved/save/", saved_views.saved_search_save, name="saved-search-save"),
    path("search/saved/<int:pk>/", saved_views.saved_search, name="saved-search"),
    path("search/saved/<int:pk>/rename/", saved_views.saved_search_rename, name="saved-search-rename"),
    path("search/saved/<int:pk>/delete/", saved_views.saved_search_delete, name="saved-search-delete"),
    path("videos/<int:pk>/search-marks.json", views.search_marks, name="search-marks"),
    path("reels/", reel_views.reels, name="reels"),
    path("reels/<int:pk>/", reel_views.reel, name="reel"),
    path("reels/<int:pk>/do/", reel_views.reel_do, name="reel-do"),
    path("reels/<int:pk>/undo/", reel_views.reel_undo, name="reel-undo"),
    path("reels/<int:pk>/redo/", reel_views.reel_redo, name="reel-redo"),
    path("reels/<int:pk>/export/<slug:kind>", reel_views.reel_export, name="reel-export"),
    path("reels/<int:pk>/film/cancel/", reel_views.reel_film_cancel, name="reel-film-cancel"),
    path("attributes/", attribute_views.attributes, name="attributes"),
    path("attributes/new/", attribute_views.attribute_new, name="attribute-new"),
    path("attributes/<int:pk>/", attribute_views.attribute, name="attribute"),
    path("attributes/<int:pk>/say/", attribute_views.attribute_say, name="attribute-say"),
    path("attributes/<int:pk>/undo/", attribute_views.attribute_undo, name="attribute-undo"),
    path("attributes/<int:pk>/use/", attribute_views.attribute_use, name="attribute-use"),
    path("attributes/<int:pk>/change/", attribute_views.attribute_change, name="attribute-change"),
    path("attributes/<int:pk>/delete/", attribute_views.attribute_delete, name="attribute-delete"),
    path("attributes/<int:pk>/restore/", attribute_views.attribute_restore, name="attribute-restore"),
    path("videos/<int:pk>/dialogue/", words_views.dialogue_upload, name="dialogue-upload"),
    path("videos/<int:pk>/labels/", words_views.label_add, name="label-add"),
    path("videos/<int:pk>/labels/<int:label>/take-back/", words_views.label_take_back, name="label-take-back"),
]
