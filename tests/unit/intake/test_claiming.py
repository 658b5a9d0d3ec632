"""A claim ends with its process, and only where that can be known."""

import os
import subprocess
import sys

from miaoce.registry.intake import claiming

ASK = "from miaoce.registry.intake import claiming; print(claiming._mark())"


def mark_of_another() -> str:
    code = f"import os; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'miaoce.settings'); import django; django.setup(); {ASK}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_each_claim_of_a_process_is_its_own_and_holds_while_it_runs() -> None:
    one, other = claiming._mark(), claiming._mark()
    assert one != other
    assert not claiming.is_gone(one)


def test_a_claim_of_a_process_that_ended_is_gone() -> None:
    assert claiming.is_gone(mark_of_another())


def test_a_number_given_out_again_is_another_process() -> None:
    machine, _, rest = claiming._mark().partition("|")
    assert claiming.is_gone(f"{machine}|{os.getpid()}/1/{rest.rpartition('/')[2]}")


def test_nothing_is_said_about_processes_of_other_machines() -> None:
    _, _, rest = claiming._mark().partition("|")
    assert not claiming.is_gone(f"elsewhere:0000|999999/1/{rest.rpartition('/')[2]}")
    assert not claiming.is_gone("")
    assert not claiming.is_gone("another")
