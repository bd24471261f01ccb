"""Every component id. A page writes only ids of its own prefix; assets/js/stream.js alone writes `rev` and `now`."""

# shared facts
REV = "rev"
NOW = "now"
SHELL_CONFIG = "shell-config"

# wall
WALL_MAP = "wall-map"
WALL_DUE = "wall-due"
WALL_DEPARTMENTS = "wall-departments"
WALL_EVENTS = "wall-events"
WALL_ON_TIME = "wall-on-time"
WALL_MINUTE = "wall-minute"  # written by assets/js/wall_stage.js alone, once a minute
WALL_QUARTER = "wall-quarter"  # written by assets/js/wall_stage.js alone, once in a quarter of an hour
WALL_CUT = "wall-cut"
WALL_DAY = "wall-day"
WALL_AREAS = "wall-areas"

# cockpit; the controls are named cockpit-<key of the query string>, which assets/js/cockpit.js relies on
COCKPIT_MAP = "cockpit-map"
COCKPIT_VIEW = "cockpit-view"
COCKPIT_PLATFORM = "cockpit-platform"
COCKPIT_DOMAIN = "cockpit-domain"
COCKPIT_MATTER = "cockpit-matter"
COCKPIT_DEPARTMENT = "cockpit-department"
COCKPIT_SOURCE = "cockpit-source"
COCKPIT_LEVEL = "cockpit-level"
COCKPIT_LAYERS = "cockpit-layers"
COCKPIT_PAINT = "cockpit-paint"
COCKPIT_POINTS = "cockpit-points"
COCKPIT_CASES = "cockpit-cases"
COCKPIT_COUNT = "cockpit-count"
COCKPIT_NOTES = "cockpit-notes"

# township
TOWNSHIP_CODE = "township-code"
TOWNSHIP_MAP = "township-map"
TOWNSHIP_UNITS = "township-units"
TOWNSHIP_LIMIT = "township-limit"
TOWNSHIP_DATA = "township-data"
TOWNSHIP_SHARES = "township-shares"

# an officer's own legs
MINE_VIEW = "mine-view"
MINE_OF = "mine-of"
MINE_DATA = "mine-data"

# the case table; the controls are named cases-<key of the query string>, which assets/js/cases.js relies on
CASES_VIEW = "cases-view"
CASES_GRID = "cases-grid"
CASES_OWNER = "cases-owner"
CASES_PLATFORM = "cases-platform"
CASES_DOMAIN = "cases-domain"
CASES_MATTER = "cases-matter"
CASES_DEPARTMENT = "cases-department"
CASES_SOURCE = "cases-source"
CASES_LEVEL = "cases-level"

# case
CASE_NUMBER = "case-number"
CASE_MAP = "case-map"
CASE_DATA = "case-data"
CASE_BODY = "case-body"
CASE_UNKNOWN = "case-unknown"

# lists; the controls are named lists-<key of the query string>, which assets/js/lists.js relies on
LISTS_VIEW = "lists-view"
LISTS_Q = "lists-q"
LISTS_DEPARTMENT = "lists-department"
LISTS_DOMAIN = "lists-domain"
LISTS_TOWNSHIP = "lists-township"
LISTS_ON = "lists-on"
LISTS_ROWS = "lists-rows"
LISTS_HEAD = "lists-head"
LISTS_COUNT = "lists-count"

# disputes; the controls are named disputes-<key of the query string>, which assets/js/disputes.js relies on
DISPUTES_VIEW = "disputes-view"
DISPUTES_TOWNSHIP = "disputes-township"
DISPUTES_DEPARTMENT = "disputes-department"
DISPUTES_PERIOD = "disputes-period"
DISPUTES_DATA = "disputes-data"

# one item of the lists
ITEM_CODE = "item-code"
ITEM_DATA = "item-data"
ITEM_USES = "item-uses"
ITEM_BODY = "item-body"
ITEM_UNKNOWN = "item-unknown"

# duplicates; the panel stands on the case page
DUPLICATES_ASKED = "duplicates-asked"
DUPLICATES_DATA = "duplicates-data"
DUPLICATES_MAP = "duplicates-map"
CASE_DUPLICATES = "case-duplicates"

# inbox
INBOX_VIEW = "inbox-view"
INBOX_OF = "inbox-of"
INBOX_UNREAD = "inbox-unread"
INBOX_DATA = "inbox-data"

# assessment; the controls are named assessment-<key of the query string>, which assets/js/assessment.js relies on
ASSESSMENT_VIEW = "assessment-view"
ASSESSMENT_PERIOD = "assessment-period"
ASSESSMENT_DOMAIN = "assessment-domain"
ASSESSMENT_TOWNSHIP = "assessment-township"
ASSESSMENT_ROWS = "assessment-rows"
ASSESSMENT_HEAD = "assessment-head"
ASSESSMENT_COUNT = "assessment-count"
ASSESSMENT_OPEN = "assessment-open"
ASSESSMENT_PANEL = "assessment-panel"

# boundaries
BOUNDARIES_VIEW = "boundaries-view"
BOUNDARIES_DATA = "boundaries-data"
# history; the controls are named history-<key of the query string>, which assets/js/history.js relies on
HISTORY_MAP = "history-map"
HISTORY_PLATFORM = "history-platform"
HISTORY_DOMAIN = "history-domain"
HISTORY_MATTER = "history-matter"

# inspections; the controls are the script's own
INSPECTIONS_VIEW = "inspections-view"
INSPECTIONS_DATA = "inspections-data"
INSPECTIONS_TOWNSHIPS = "inspections-townships"

# accounts and the audit; the controls are the scripts' own
USERS_TURN = "users-turn"
USERS_DATA = "users-data"
AUDIT_VIEW = "audit-view"
AUDIT_DATA = "audit-data"
