"""Words of the forms that record what happened: how it ended, and what a person may do on the page of a case."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "forms.sent": ("已记录", "Recorded"),
    "forms.error.bad_event": ("内容不完整或有误：", "Something is missing or wrong:"),
    "forms.error.unknown_department": ("没有这个部门：", "No such department:"),
    "forms.error.not_allowed": ("现在不能这样做：", "Not possible now:"),
    "forms.error.stale": ("案件刚被他人更新，请再试一次：", "Others changed the case; try again:"),
    "forms.error.other": ("没有记录：", "Not recorded:"),
    "forms.error.unreachable": (
        "服务器没有回答，内容没有记录；请稍后再试。",
        "The server does not answer; nothing was recorded.",
    ),
    # what a person may do on the page of a case
    "act.urged": ("催办", "Urge"),
    "act.supervised": ("督办", "Supervise"),
    "act.replied": ("督办反馈", "Reply"),
    "act.commented": ("备注", "Comment"),
    "act.extended": ("延期", "Extend"),
    "act.suspended": ("挂账", "Suspend"),
    "act.resumed": ("恢复计时", "Resume"),
    "act.by": ("经办", "Recorded by"),
    "act.field.text": ("内容（必填）", "Text (required)"),
    "act.field.optional": ("说明", "Text"),
    "act.field.reason": ("理由（必填）", "Reason (required)"),
    "act.field.approved_by": ("批准人（必填）", "Approved by (required)"),
    "act.field.amount.working_days": ("延长的工作日（必填）", "Working days to add (required)"),
    "act.field.amount.minutes": ("延长的分钟（必填）", "Minutes to add (required)"),
    "act.field.amount.office_minutes": ("延长的办公分钟（必填）", "Office minutes to add (required)"),
}
