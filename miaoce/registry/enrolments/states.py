"""States of a stay (就读). Transfers, leaving and graduation add theirs when those rooms are built."""

APPLIED, ATTENDING, WITHDRAWN = "applied", "attending", "withdrawn"
LABELS = {APPLIED: "待核准", ATTENDING: "在园", WITHDRAWN: "已撤回"}
