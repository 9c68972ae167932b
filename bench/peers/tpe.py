"""Optuna's TPESampler on the tasks that bench/tpe.ts writes to standard input as JSON; answers as JSON on standard output."""

import json
import math
import sys
import time
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState, create_trial

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED}


def distribution(given):
    if given["type"] == "categorical":
        return CategoricalDistribution(given["choices"])
    cls = IntDistribution if given["type"] == "int" else FloatDistribution
    step = {"step": given["step"]} if given.get("step") is not None else {}
    return cls(given["low"], given["high"], log=given.get("log", False), **step)


def study_of(task, seed):
    study = optuna.create_study(direction=task["direction"], sampler=optuna.samplers.TPESampler(seed=seed))
    space = {name: distribution(given) for name, given in task["space"].items()}
    for trial in task.get("trials", []):
        study.add_trial(create_trial(
            state=STATES[trial["state"]],
            params=trial["assignment"],
            distributions={name: space[name] for name in trial["assignment"]},
            value=trial["value"],
            intermediate_values={step: value for step, value in trial["reports"]},
        ))
    return study, space


def suggestions(task):
    values = []
    for seed in range(task["count"]):
        study, space = study_of(task, seed)
        values.append(study.ask(space).params)
    return {"suggestions": values}


def suggestion_time(task):
    study, space = study_of(task, 0)
    study.ask(space)
    begin = time.perf_counter()
    for _ in range(task["count"]):
        study.ask(space)
    return {"milliseconds": (time.perf_counter() - begin) / task["count"] * 1000}


def branin(x):
    a, b = x["x"], x["y"]
    return ((b - 5.1 / (4 * math.pi**2) * a * a + 5 / math.pi * a - 6) ** 2
            + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10)


def regrets(task):
    """The best value of each of `count` searches; the objective is evaluated by the caller's own description."""
    objective = OBJECTIVES[task["objective"]]
    best = []
    for seed in range(task["count"]):
        study, space = study_of(task, seed)
        for _ in range(task["trials_each"]):
            trial = study.ask(space)
            study.tell(trial, objective(trial.params))
        best.append(study.best_value)
    return {"best": best}


HARTMANN_A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
HARTMANN_P = [[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
              [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]]


def hartmann(x):
    at = [x[f"x{i}"] for i in range(6)]
    return -sum(c * math.exp(-sum(a * (v - p / 1e4) ** 2 for a, p, v in zip(row, places, at)))
                for c, row, places in zip([1, 1.2, 3, 3.2], HARTMANN_A, HARTMANN_P))


def ackley(x):
    at = list(x.values())
    return (-20 * math.exp(-0.2 * math.sqrt(sum(v * v for v in at) / len(at)))
            - math.exp(sum(math.cos(2 * math.pi * v) for v in at) / len(at)) + 20 + math.e)


def mixed(x):
    shift = {"a": 0, "b": 0.3, "c": 0.7}[x["kind"]]
    return (math.log10(x["rate"]) + 3 + shift) ** 2 + shift + ((x["layers"] - 4) / 4) ** 2


OBJECTIVES = {"branin": branin, "hartmann": hartmann, "ackley": ackley, "mixed": mixed}
TASKS = {"suggestions": suggestions, "time": suggestion_time, "regrets": regrets}

json.dump([TASKS[task["task"]](task) for task in json.load(sys.stdin)], sys.stdout)
