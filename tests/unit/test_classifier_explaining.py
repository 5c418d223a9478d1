"""What a screen, a firm, a help article or a plan says is no request; the same words of one who asks are."""

import pytest

from services.classifier.rules import RulesClassifier
from services.domain.scope import Intent

PAIRS = [
    ("Profil wirklich löschen?\nDas lässt sich nicht rückgängig machen.\nMein Profil löschen",
     "Bitte mein Profil löschen. Ich weiß, dass sich das nicht rückgängig machen lässt."),
    ("Hemos recibido tu petición de cerrar tu cuenta. Si no fuiste tú, ignora este mensaje.",
     "Os pedí cerrar mi cuenta y no he recibido respuesta. Cerrad mi cuenta, por favor."),
    ("Aggiungete una funzione per eliminare l'account.",
     "Non trovo la funzione per eliminare l'account: per favore eliminate il mio account."),
    ("En tant que vendeur, je veux pouvoir supprimer mon compte.",
     "En tant que vendeur depuis deux ans, je vous demande de supprimer mon compte."),
    ("Czy mam prawo żądać usunięcia moich danych?", "Mam prawo żądać usunięcia moich danych i żądam tego."),
    ("Wanneer de gebruiker zijn account verwijdert, gaan zijn gegevens mee.",
     "Wanneer verwijderen jullie mijn account? Verwijder mijn account."),
    ("Je souhaite annuler ma demande de suppression de compte.",
     "Je souhaite annuler ma commande, et je demande la suppression de mon compte."),
    ("Fjern meg fra abonnentlisten.", "Fjern meg og opplysningene mine fra abonnentlisten, jeg krever sletting."),
]  # fmt: skip


@pytest.mark.parametrize(("told", "asked"), PAIRS, ids=lambda text: text[:20])
def test_who_tells_does_not_ask(told: str, asked: str) -> None:
    """The first of each pair is none, the second a request."""
    reader = RulesClassifier()
    assert reader.read(told).intent is Intent.NONE
    assert reader.read(asked).intent is not Intent.NONE
