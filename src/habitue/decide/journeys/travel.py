"""Through a journey: from where a run stands to its next wait, its end, or a hold of the guard."""

from __future__ import annotations

from collections.abc import Sequence

from habitue.decide import guard
from habitue.decide.chance import pick
from habitue.decide.journeys.compile import END, CompiledJourney, Instruction, about
from habitue.decide.journeys.letter import letter
from habitue.decide.local_time import next_time_of_day, zone
from habitue.decide.outcome import Outcome
from habitue.decide.plan import Program
from habitue.decide.profile.addresses import is_proven
from habitue.decide.profile.consent_words import CONSENT_REQUESTED, SAYS_CONSENT
from habitue.decide.profile.consents import ADDRESSED, word
from habitue.decide.profile.traits import email, set_traits
from habitue.model.address import spelled
from habitue.model.customer import Customer, Exposure, Run
from habitue.model.effect import Send
from habitue.model.event import Event
from habitue.model.instant import Instant
from habitue.model.message import Message
from habitue.model.reason import Outcome as Came
from habitue.model.reason import Reason
from habitue.playbook.journey import ExitStep, GoalStep, If, SendStep, SetStep, Split, WaitEvent, WaitFor, WaitUntil

EXPOSURES_MAX = 1_000


class Traveller:
    """Moves the runs of one customer within one occurrence; `moment` is when that happened.

    `written` collects the traits that steps wrote: the caller reads the segments again that depend on them.
    """

    __slots__ = ("current", "customer", "moment", "outcome", "written")

    def __init__(self, current: Program, customer: Customer, outcome: Outcome, moment: Instant) -> None:
        self.current = current
        self.customer = customer
        self.outcome = outcome
        self.moment = moment
        self.written: set[str] = set()

    def go_on(self, program: Program, run: Run, now: Instant) -> None:
        """From the run's step, which it stands *before*, until it waits or is over."""
        journey = program.journeys[run.journey]
        while run.step != END:
            if self._is_over(journey, run, now):
                return
            instruction = journey.program[run.step]
            target = self._take(program, journey, instruction, run, now)
            if target is None:
                return
            self._move(run, target, now)
        self.leave(run, Reason.END, now)

    def wake(self, program: Program, run: Run, now: Instant) -> None:
        """The run's wait is over, or its hold."""
        journey = program.journeys[run.journey]
        instruction = journey.program[run.step]
        if isinstance(instruction.step, SendStep):
            run.due = None
            self.go_on(program, run, now)
            return
        if isinstance(instruction.step, WaitEvent):
            self.outcome.decide(self.customer, now, Came.BRANCHED, Reason.TIMEOUT, run=run, step=instruction.step.id)
            self._move(run, instruction.targets[1], now)
        else:
            self._move(run, instruction.next, now)
        self.go_on(program, run, now)

    def ask_again(self, program: Program, run: Run, now: Instant) -> None:
        """A send that is held. Where it stays held, only the moment may move."""
        step = program.journeys[run.journey].program[run.step].step
        assert isinstance(step, SendStep)
        message, asked_at = program.playbook.messages[step.message], run.asked_at or now
        thing = about(message, run.event)
        answer = guard.may_say(self.current.playbook, self.customer, message, step.channels, thing, now, asked_at)
        if not isinstance(answer, guard.Refused) or not isinstance(answer.verdict, guard.Defer):
            self.wake(program, run, now)
        elif answer.verdict.until != run.due:
            run.due = answer.verdict.until
            self.outcome.stands(self.customer, run, step.id)

    def hear(self, program: Program, run: Run, event: Event, now: Instant) -> None:
        """An event the journey listens to: its goals and exits first, then what the run waits for.

        Of one that happened before the run began, or a word on consent about another address than the run's, only
        what it changed of the exit condition matters.
        """
        journey = program.journeys[run.journey]
        if event.occurred_at < run.began_at or _is_about_another_address(self.customer, run, event):
            self._is_over(journey, run, now)
            return
        name, properties = event.name, event.properties
        for goal in journey.goals:
            if goal.hears(name, properties, run.event, run.key):
                self.leave(run, Reason.GOAL, now, by=name)
                return
        for leave in journey.exits:
            if leave.hears(name, properties, run.event, run.key):
                self.leave(run, Reason.EXIT, now, by=name)
                return
        if self._is_over(journey, run, now):
            return
        instruction = journey.program[run.step]
        if any(signal.hears(name, properties, run.event, run.key) for signal in instruction.signals):
            self.outcome.decide(
                self.customer,
                now,
                Came.BRANCHED,
                Reason.EVENT_CAME,
                run=run,
                step=instruction.step.id,
                detail={"event": name},
            )
            self._move(run, instruction.targets[0], now)
            self.go_on(program, run, now)

    def leave(
        self,
        run: Run,
        reason: Reason,
        now: Instant,
        *,
        step: str | None = None,
        by: str | None = None,
        met: Sequence[object] = (),
    ) -> None:
        self.customer.runs.remove(run)
        run.due = None
        detail = {**({"by": by} if by else {}), **({"met": met} if met else {})}
        self.outcome.decide(self.customer, now, Came.LEFT, reason, run=run, step=step, detail=detail)
        self.outcome.stands(self.customer, run, None)

    def _is_over(self, journey: CompiledJourney, run: Run, now: Instant) -> bool:
        if journey.exit_when is None or not journey.exit_when.evaluate(self.customer, now, run.event, run.key)[0]:
            return False
        met = journey.exit_when.met(self.customer, now, run.event, run.key)
        self.leave(run, Reason.EXIT, now, by="exit_when", met=met)
        return True

    @staticmethod
    def _move(run: Run, target: int, now: Instant) -> None:
        run.step = target
        run.since = now
        run.due = None
        run.asked_at = None

    def _take(
        self, program: Program, journey: CompiledJourney, instruction: Instruction, run: Run, now: Instant
    ) -> int | None:
        """Carry out one step; the next place, or None when the run waits here or is over."""
        step = instruction.step
        match step:
            case WaitFor():
                self._wait(run, step.id, now, now + step.span)
            case WaitUntil():
                where = zone(self.customer.timezone, program.playbook.shop.timezone)
                self._wait(run, step.id, now, next_time_of_day(now, step.minute_of_day, where, step.weekdays))
            case WaitEvent():
                events = [signal.event for signal in step.signals]
                self._wait(run, step.id, now, now + step.timeout, {"for": events})
            case If():
                return self._branch(instruction, step, run, now)
            case Split():
                index = pick(self.customer.id, step.salt, tuple(share.weight for share in step.shares))
                return self._choose(instruction, run, step.id, index, step.shares[index].name, Reason.SPLIT, now)
            case SendStep():
                return self._send(program, instruction, step, run, now)
            case SetStep():
                self.written.update(set_traits(self.customer, step.traits, now))
                self.outcome.decide(
                    self.customer, now, Came.CHANGED, Reason.TRAIT_SET, run=run, step=step.id, detail=step.traits
                )
                return instruction.next
            case GoalStep():
                self.leave(run, Reason.GOAL, now, step=step.id)
            case ExitStep():
                self.leave(run, Reason.STEP_EXIT, now, step=step.id)
        return None

    def _wait(self, run: Run, step: str, now: Instant, until: Instant, detail: dict[str, object] | None = None) -> None:
        run.due = until
        self.outcome.decide(
            self.customer, now, Came.WAITING, Reason.WAIT, run=run, step=step, detail={"until": until, **(detail or {})}
        )
        self.outcome.stands(self.customer, run, step)

    def _branch(self, instruction: Instruction, step: If, run: Run, now: Instant) -> int:
        for index, check in enumerate(instruction.checks):
            if check.evaluate(self.customer, now, run.event, run.key)[0]:
                name = step.branches[index].name
                return self._choose(instruction, run, step.id, index, name, Reason.CONDITION_TRUE, now)
        first = instruction.checks[0].unmet(self.customer, now, run.event, run.key)
        return self._choose(
            instruction, run, step.id, len(instruction.checks), "otherwise", Reason.CONDITION_FALSE, now, first
        )

    def _choose(
        self,
        instruction: Instruction,
        run: Run,
        step: str,
        index: int,
        name: str,
        reason: Reason,
        now: Instant,
        unmet: Sequence[object] = (),
    ) -> int:
        """`unmet`: what was missing for the first branch, where none was taken."""
        detail = {"branch": name, **({"unmet": unmet} if unmet else {})}
        self.outcome.decide(self.customer, now, Came.BRANCHED, reason, run=run, step=step, detail=detail)
        return instruction.targets[index]

    def _send(self, program: Program, instruction: Instruction, step: SendStep, run: Run, now: Instant) -> int | None:
        """Caps, consent and quiet hours are those in force now; the words are of the version the run entered with."""
        message = program.playbook.messages[step.message]
        if run.asked_at is None:
            run.asked_at = now
        thing = about(message, run.event)
        answer = guard.may_say(self.current.playbook, self.customer, message, step.channels, thing, now, run.asked_at)
        if isinstance(answer, guard.Allow):
            self._say(program, step, run, answer, thing, now)
            return instruction.next
        verdict = answer.verdict
        held = isinstance(verdict, guard.Defer)
        detail = dict(verdict.detail)
        if isinstance(verdict, guard.Defer):
            run.due = verdict.until
            detail["until"] = verdict.until
        self.outcome.decide(
            self.customer,
            now,
            Came.HELD if held else Came.DROPPED,
            verdict.because,
            run=run,
            step=step.id,
            message=message.name,
            channel=answer.channel,
            detail=detail,
        )
        if not held:
            return instruction.next
        self.outcome.stands(self.customer, run, step.id)
        return None

    def _say(self, program: Program, step: SendStep, run: Run, allowed: guard.Allow, thing: str, now: Instant) -> None:
        message = program.playbook.messages[step.message]
        identity = self.outcome.decide(
            self.customer,
            now,
            Came.SENT,
            Reason.ALLOWED,
            run=run,
            step=step.id,
            message=message.name,
            channel=allowed.channel,
            detail=_sent_detail(thing, allowed.passed_over),
        )
        self._expose(
            Exposure(now, identity, message.name, allowed.channel, thing, message.kind != "transactional"), now
        )
        if self.current.writes_letters:
            self.outcome.effects.append(self._letter(program, step, run, allowed, identity, thing, now))

    def _letter(
        self, program: Program, step: SendStep, run: Run, allowed: guard.Allow, identity: str, thing: str, now: Instant
    ) -> Send:
        message = program.playbook.messages[step.message]
        return Send(
            id=identity,
            customer=self.customer.id,
            at=now,
            expires_at=(run.asked_at or now) + message.ttl,
            journey=run.journey,
            run=run.id,
            step=step.id,
            version=run.version,
            message=message.name,
            channel=allowed.channel,
            address=allowed.address,
            topic=message.topic,
            about=thing,
            proven=allowed.channel not in ADDRESSED or self._is_proven(message, run, allowed),
            data=letter(self.customer, run, now, self.current.playbook.session_gap),
        )

    def _is_proven(self, message: Message, run: Run, allowed: guard.Allow) -> bool:
        """Whether this may go to the address as to its owner's. To ask whether somebody wants it is to ask a stranger,
        whoever sent the form on: a shop's server tells what visitors typed."""
        if run.event_name == CONSENT_REQUESTED and message.kind == "transactional":
            said = word(self.customer, allowed.channel, allowed.address)
            if said is None or not said.granted:
                return False
        return is_proven(self.customer, allowed.address)

    def _expose(self, exposure: Exposure, now: Instant) -> None:
        """Remember what was said, and forget what no rule looks back to any more."""
        since = now - self.current.exposure_horizon
        known = [*(known for known in self.customer.exposures if known.at > since), exposure]
        self.customer.exposures = newest_exposures(known)


def _is_about_another_address(customer: Customer, run: Run, event: Event) -> bool:
    """A yes that somebody else said on the same device is no answer to who was asked."""
    said = event.properties.get("email") if event.name in SAYS_CONSENT else None
    if not isinstance(said, str) or not said:
        return False
    asked = run.event.get("email")
    about = asked if isinstance(asked, str) and asked else email(customer)
    return bool(about) and spelled(about) != spelled(said)


def newest_exposures(exposures: list[Exposure]) -> list[Exposure]:
    """At most so many marketing and so many transactional ones, so that neither hides the other from a rule."""
    if len(exposures) <= EXPOSURES_MAX:
        return exposures
    kept = {
        exposure.id
        for marketing in (True, False)
        for exposure in [one for one in exposures if one.marketing is marketing][-EXPOSURES_MAX:]
    }
    return [exposure for exposure in exposures if exposure.id in kept]


def _sent_detail(thing: str, passed_over: dict[str, str]) -> dict[str, object]:
    detail: dict[str, object] = {}
    if thing:
        detail["about"] = thing
    if passed_over:
        detail["passed_over"] = passed_over
    return detail
