"""Published boundary versions, which are only appended, and the files that somebody looks at before publishing."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from data.tables.columns import Document, Instant, metadata, one_of
from data.tables.loop import ROW_ID

BOUNDARIES = "boundaries"  # name of the counter that moves with every publication and every withdrawal
STEPS = ("published", "withdrawn")
DRAFT_STATES = ("uploaded", "checking", "checked", "failed")

boundary_publications = Table(
    "boundary_publications",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    # County code: the lines of another county say nothing here.
    Column("region", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("withdraws", ROW_ID, ForeignKey("boundary_publications.id")),
    Column("begins_on", Date),
    # Why: the note of a publication, the reason of a withdrawal.
    Column("note", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("withdraws"),
    one_of("step", STEPS),
    CheckConstraint("(step = 'withdrawn') = (withdraws IS NOT NULL)", name="withdraws"),
    CheckConstraint("(step = 'published') = (begins_on IS NOT NULL)", name="begins_on"),
)

boundary_layers = Table(
    "boundary_layers",
    metadata,
    Column("publication", ROW_ID, ForeignKey("boundary_publications.id"), nullable=False),
    Column("layer", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    # What `dashboard.reports` says of the file, repairs and all.
    Column("report", Document, nullable=False),
    PrimaryKeyConstraint("publication", "layer"),
)

boundary_areas = Table(
    "boundary_areas",
    metadata,
    Column("publication", ROW_ID, nullable=False),
    Column("layer", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent", Text),
    Column("attributes", Document, nullable=False),
    # Well-known binary in CGCS2000/WGS84 degrees (lon, lat): the numbers that were checked, to the last bit.
    Column("outline", LargeBinary, nullable=False),
    PrimaryKeyConstraint("publication", "layer", "position"),
    ForeignKeyConstraint(["publication", "layer"], ["boundary_layers.publication", "boundary_layers.layer"]),
    UniqueConstraint("publication", "layer", "code"),
)

boundary_drafts = Table(
    "boundary_drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("uploaded_at", Instant, nullable=False),
    # What the file offers, and how it was asked to be understood.
    Column("offers", Document, nullable=False),
    Column("asked", Document),
    Column("state", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    # The counter against which it was checked; the outcome, and the report by language.
    Column("seen", BigInteger),
    Column("outcome", Document),
    Column("pages", Document),
    one_of("state", DRAFT_STATES),
)

boundary_draft_parts = Table(
    "boundary_draft_parts",
    metadata,
    Column("draft", Text, ForeignKey("boundary_drafts.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("draft", "position"),
)
