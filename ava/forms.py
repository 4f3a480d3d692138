"""Forms of the title pages."""

from typing import Any

from django import forms
from django.db.models import Q

from ava.models import Team, Title, User
from ava.selectors import EDITING_ROLES, access_teams, access_titles
from ava.titles import save_title


class TitleForm(forms.ModelForm):
    """All of a title. Teams outside the user's reach are not shown, and stay with the title as they are."""

    teams = forms.ModelMultipleChoiceField(
        queryset=Team.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Only people of these teams see the title.",
        error_messages={"required": "Choose at least one team; without one nobody sees the title."},
    )

    class Meta:
        model = Title
        fields = (
            "name", "kind", "parent", "season", "episode", "genre", "content_format", "maturity_rating",
            "language", "teams",
        )  # fmt: skip
        labels = {
            "parent": "Belongs to",
            "content_format": "Content format",
            "maturity_rating": "Maturity rating",
        }
        error_messages = {"name": {"required": "Give the title a name."}}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = access_teams(user, roles=EDITING_ROLES)
        self.fields["teams"].queryset = teams
        parents = access_titles(user).filter(~Q(kind=Title.Kind.TRAILER) & ~Q(pk=self.instance.pk))
        self.fields["parent"].queryset = parents.select_related("parent").order_by("name", "id")
        self.fields["parent"].empty_label = "Nothing: it stands on its own"
        self.fields["maturity_rating"].choices = [("", "Not rated"), *Title.MaturityRating.choices]
        if self.instance.pk is None and len(teams) == 1:
            self.initial.setdefault("teams", [teams[0].pk])
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")
        for name in ("season", "episode"):
            self.fields[name].widget.attrs |= {"min": 0, "inputmode": "numeric"}

    def save_for(self, user: User) -> Title:
        """Store the title; teams that this user sees but may not decide on stay with it."""
        chosen = set(self.cleaned_data["teams"])
        if self.instance.pk is not None:
            chosen |= set(self.instance.teams.all()) - set(self.fields["teams"].queryset)
        return save_title(self.instance, user=user, teams=chosen)
