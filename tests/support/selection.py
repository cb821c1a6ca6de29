"""What tests of selection share."""

from ladder_content.model import Criterion, Prompt


def criterion(name: str, prompts: tuple[Prompt, ...]) -> Criterion:
    return Criterion(
        id=name,
        level="l5",
        dimension="impact",
        sentence=f"Does what {name} asks.",
        good=f"One sees that {name} is done well.",
        examples={"research": "Wrote a paper.", "product": "Shipped a thing."},
        prompts=prompts,
        mentor_questions=(),
        keywords=(name,),
    )


def six_prompts(name: str) -> tuple[Prompt, ...]:
    """Four plain ones and two follow-ups, as every criterion has at least."""
    plain = (Prompt(id=each, text=f"Question {each} about {name}?") for each in "abcd")
    wording = "On {date} you wrote “{excerpt}”."
    follow_ups = (Prompt(id=each, text=f"{wording} Question {each} about {name}?", follow_up=True) for each in "ef")
    return (*plain, *follow_ups)


LADDER = [criterion(name, six_prompts(name)) for name in ("k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9")]
