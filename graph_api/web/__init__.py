"""The built browser assets that ship with the package; their source is the `web/` folder of the project."""

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent

#: GraphiQL: static files to be served as they are, below one path that ends in a slash.
GRAPHIQL: Final = _HERE / "graphiql"

#: Name, version and licence text of every npm package whose code the assets contain.
THIRD_PARTY_LICENSES: Final = _HERE / "THIRD_PARTY_LICENSES.txt"
