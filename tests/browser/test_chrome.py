"""The tests' own browser: what sticks is ended and replaced."""

import os
import signal

from tests.browser.chrome import Chrome


def test_a_browser_that_has_stuck_is_ended_and_the_next_page_opens_in_another(browser: Chrome) -> None:
    context = browser.new_context()
    context.new_page().goto("about:blank")
    stuck = browser.processes()
    assert stuck
    for process in stuck:
        os.kill(process, signal.SIGSTOP)
    browser.shut(context, patience_s=1)
    after = browser.new_context()
    page = after.new_page()
    page.set_content("<p>好</p>")
    assert page.inner_text("p") == "好"
    assert set(browser.processes()).isdisjoint(stuck)
    browser.shut(after)
