"""Where cases stood by other boundaries than those by which they stand now.

`stays` is a projection of events, as the tables of cases are. `placements` is a by-product of the map: where the cases
lie by the boundaries of one day, kept for those that lie elsewhere than they stand, and made again when it is lost.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from data.tables.columns import Instant, Queryable, case_number, metadata

stays = Table(
    "stays",
    metadata,
    case_number(),
    Column("ordinal", Integer, nullable=False),
    Column("cell", Text),
    Column("village", Text),
    Column("township", Text),
    Column("areas", Queryable, nullable=False),
    # First day of these boundaries; NULL: those of the day on which the case occurred.
    Column("boundaries", Date),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    PrimaryKeyConstraint("number", "ordinal"),
    CheckConstraint("until >= since", name="order"),
)

placement_bases = Table(
    "placement_bases",
    metadata,
    Column("boundaries", Date, primary_key=True),
    # Hash of what the layers hold on that day: lines that were corrected are another base.
    Column("content", Text, nullable=False),
    # Every case whose last event is not after this one has been looked at.
    Column("revision", BigInteger, nullable=False),
    Column("placed_at", Instant, nullable=False),
)

placements = Table(
    "placements",
    metadata,
    case_number(),
    Column("boundaries", Date, ForeignKey("placement_bases.boundaries"), nullable=False),
    # The point that was placed: a case that was moved since has no placement until it is looked at again.
    Column("lon", Double, nullable=False),
    Column("lat", Double, nullable=False),
    Column("cell", Text),
    Column("village", Text),
    Column("township", Text),
    Column("areas", Queryable, nullable=False),
    PrimaryKeyConstraint("number"),
)
