from django.urls import path

from curation import (
    artwork_urls,
    character_views,
    cluster_views,
    coverage_views,
    expression_views,
    face_pictures,
    list_urls,
    logo_views,
    maturity_views,
    people_do_views,
    people_views,
    picture_urls,
    ranking_views,
    views,
)

urlpatterns = [
    path("titles/<int:pk>/stills/", views.stills, name="stills"),
    path("titles/<int:pk>/stills/index.json", views.stills_index, name="stills-index"),
    path("titles/<int:pk>/filters/save/", views.filter_save, name="filter-save"),
    path("saved-filters/<int:pk>/delete/", views.filter_delete, name="filter-delete"),
    path("titles/<int:pk>/stills/order.json", ranking_views.stills_order, name="stills-order"),
    path(
        "titles/<int:pk>/ranking-profiles/save/", ranking_views.ranking_profile_save, name="ranking-profile-save"
    ),
    path("ranking-profiles/<int:pk>/delete/", ranking_views.ranking_profile_delete, name="ranking-profile-delete"),
    path("titles/<int:pk>/held-back/", maturity_views.held_back_page, name="held-back"),
    path(
        "videos/<int:pk>/frames/<int:frame>/maturity/", maturity_views.maturity_override, name="maturity-override"
    ),
    path("stills/<int:pk>/image.jpg", views.still_image, name="still-image"),
    path("videos/<int:pk>/frames/<int:frame>/decide/", views.decide, name="decide"),
    path("videos/<int:pk>/undo/", views.undo, name="undo"),
    path("titles/<int:pk>/clusters/", cluster_views.clusters, name="clusters"),
    path("titles/<int:pk>/coverage/", coverage_views.coverage, name="coverage"),
    path("titles/<int:pk>/people/", people_views.people, name="people"),
    path("titles/<int:pk>/people/<int:character>/", character_views.character, name="character"),
    path("titles/<int:pk>/people/questions/", character_views.people_questions, name="people-questions"),
    path("titles/<int:pk>/people/do/", people_do_views.people_do, name="people-do"),
    path("titles/<int:pk>/people/undo/", people_do_views.people_undo, name="people-undo"),
    path("face-tracks/<int:pk>/portrait.jpg", face_pictures.track_portrait, name="track-portrait"),
    path("faces/<int:pk>/picture.jpg", face_pictures.face_picture, name="face-picture"),
    path("expressions/", expression_views.expression_models, name="expression-models"),
    path("expressions/train/", expression_views.expression_train, name="expression-train"),
    path("expressions/use/", expression_views.expression_use, name="expression-use"),
    path("logos/", logo_views.logos, name="logos"),
    path("logos/new/", logo_views.logo_new, name="logo-new"),
    path("logos/<int:pk>/", logo_views.logo, name="logo"),
    path("logos/<int:pk>/edit/", logo_views.logo_edit, name="logo-edit"),
    path("logos/<int:pk>/delete/", logo_views.logo_delete, name="logo-delete"),
    path("logos/<int:pk>/picture.png", logo_views.logo_picture, name="logo-picture"),
    *artwork_urls.urlpatterns,
    *picture_urls.urlpatterns,
    *list_urls.urlpatterns,
]
