"""The worked example of every test: two roadmaps about baking, as files and as the catalogue they make.

A loop that an alternative avoids: sourdough bread needs wild yeast, which is raised from flour or taken
from a sourdough. Wild yeast is optional for a pizzaiolo and not for a baker. Nobody has estimated the
wood-fired oven. Food hygiene stands in no roadmap: it is known only because a night shift requires it.
"""

from __future__ import annotations

from typing import Final

from graph_api.formats.roadmap1 import parse
from graph_api.knowledge.change import plan
from graph_api.knowledge.model import Catalogue

BAKER: Final = """\
format: roadmap/1
slug: baker
title: Baker
summary: From flour and water to a night in the bakery.
sections:
  - slug: basics
    title: Basics
    summary: What every dough starts with.
    topics:
      - slug: flour
        title: Flour & Water
        summary: "Protein, ash and absorption: why one flour drinks more than another."
        hours: 2
        tags: [theory]
        resources:
          - title: Codex standard for wheat flour
            url: https://www.fao.org/fao-who-codexalimentarius/
            kind: spec
          - title: On Flour
            url: https://example.org/flour
      - slug: weighing
        title: Weighing
        hours: 1
        tags: [practice]
      - slug: hand-kneading
        title: Kneading by Hand
        hours: 4
        tags: [practice]
      - slug: mixer
        title: Kneading by Machine
        optional: true
        hours: 1.5
        tags: [practice, machine]
  - slug: doughs
    title: Doughs
    topics:
      - slug: yeast-dough
        title: Yeast Dough
        hours: 6
        tags: [dough]
        requires:
          - flour
          - topic: weighing
            reason: Two grams of yeast cannot be guessed.
          - any: [hand-kneading, mixer]
            reason: Gluten asks for work, whoever does it.
      - slug: wild-yeast
        title: Wild Yeast
        summary: A culture of flour and water that lives for years, if it is fed.
        hours: 10
        tags: [dough, theory]
        requires:
          - any: [flour, sourdough-bread]
            reason: Raise your own culture, or keep a piece of a dough.
      - slug: sourdough-bread
        title: Sourdough Bread
        hours: 20
        tags: [dough]
        requires:
          - topic: wild-yeast
            reason: It is the only leaven in it.
          - any: [hand-kneading, mixer]
        recommends:
          - topic: yeast-dough
            reason: A dough that rises on time teaches patience for one that does not.
  - slug: mastery
    title: Mastery
    summary: For those who stay.
    optional: true
    topics:
      - slug: croissant
        title: Croissant 🥐
        hours: 15
        tags: [dough, pastry]
        requires: [yeast-dough]
      - slug: night-shift
        title: A Night in the Bakery
        hours: 8
        requires:
          - topic: hygiene
            reason: Others will eat it.
          - at_least: 2
            of: [croissant, pizza-dough, sourdough-bread]
            reason: A bakery never makes only one thing.
topics:
  - slug: hygiene
    title: Food Hygiene
    hours: 3
    tags: [theory]
"""

PIZZAIOLO: Final = """\
format: roadmap/1
slug: pizzaiolo
title: Pizzaiolo
language: it
sections:
  - slug: impasto
    title: Impasto
    topics:
      - flour
      - weighing
      - yeast-dough
      - slug: wild-yeast
        optional: true
      - slug: pizza-dough
        title: Pizza Dough
        hours: 5
        tags: [dough]
        requires: [yeast-dough]
        recommends: [wild-yeast]
  - slug: forno
    title: Forno
    topics:
      - slug: tomato-sauce
        title: Tomato Sauce
        hours: 2
      - slug: wood-fired-oven
        title: Wood-Fired Oven
        summary: Four hundred and fifty degrees, and no thermostat.
        tags: [practice, machine]
        requires: [pizza-dough]
"""

FILES: Final = {"baker.yaml": BAKER.encode(), "pizzaiolo.yaml": PIZZAIOLO.encode()}
DOCUMENTS: Final = tuple(parse(data, name=name) for name, data in FILES.items())
CATALOGUE: Final = plan(Catalogue(), DOCUMENTS).after
