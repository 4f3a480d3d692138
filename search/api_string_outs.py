"""REST API of making string-outs."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ava.selectors import access_titles, access_videos
from search.api_reel_serializers import ReelSerializer, StringOutSerializer
from search.reels import InvalidReel
from search.string_out_views import team_for
from search.string_out_wishes import wish_from
from search.string_outs import make_string_out


class StringOutView(APIView):
    """A reel of the best moments of a title's film, as long as is wanted."""

    @extend_schema(request=StringOutSerializer, responses={201: ReelSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Propose a string-out of one of the title's films and begin a reel with it."""
        title = get_object_or_404(access_titles(request.user), pk=pk)
        form = StringOutSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        number, name, team = given["video"], given.pop("name"), given.pop("team", None)
        video = access_videos(request.user).select_related("title").filter(title=title, pk=number).first()
        if video is None:
            raise ValidationError({"video": ["Choose a film of this title."]})
        allowed = team_for(title, user=request.user, number=str(team.pk) if team else "")
        wish = wish_from(given)
        try:
            reel = make_string_out(video, wish, team=allowed, user=request.user, name=name)
        except InvalidReel as error:
            raise ValidationError({"non_field_errors": [str(error)]}) from error
        told = ReelSerializer(reel, context={"request": request}).data
        return Response(told, status=status.HTTP_201_CREATED)
