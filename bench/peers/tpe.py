"""Optuna's TPESampler and its importances, asked by bench/tpe.ts and bench/importance.ts: a line of JSON on standard input for each answer on standard output."""

import json
import sys
import time
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.sampler import _split_trials, default_gamma
from optuna.trial import TrialState, create_trial

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED}


def distribution(given):
    if given["type"] == "categorical":
        return CategoricalDistribution(given["choices"])
    cls = IntDistribution if given["type"] == "int" else FloatDistribution
    step = {"step": given["step"]} if "step" in given else {}
    return cls(given["low"], given["high"], log=given["log"], **step)


class Search:
    """A study with the given earlier trials."""

    def __init__(self, command, seed):
        self.space = {name: distribution(given) for name, given in command["space"].items()}
        self.study = optuna.create_study(
            direction=command["direction"], sampler=optuna.samplers.TPESampler(seed=seed))
        for trial in command["trials"]:
            self.study.add_trial(create_trial(
                state=STATES[trial["state"]],
                params=trial["assignment"],
                distributions={name: self.space[name] for name in trial["assignment"]},
                value=trial["value"],
                intermediate_values=dict(trial["reports"]),
            ))

    def ask(self):
        self.asked = self.study.ask(self.space)
        return self.asked.params

    def split(self):
        trials = self.study.get_trials(deepcopy=False)
        return [[trial.number for trial in part]
                for part in _split_trials(self.study, trials, default_gamma(len(trials)), False)]

    def importances(self):
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        begin = time.perf_counter()
        found = optuna.importance.get_param_importances(self.study, evaluator=evaluator, normalize=False)
        return [found, (time.perf_counter() - begin) * 1000]

    def milliseconds(self, count):
        self.ask()
        begin = time.perf_counter()
        for _ in range(count):
            self.ask()
        return (time.perf_counter() - begin) / count * 1000


search = None
for line in sys.stdin:
    command = json.loads(line)
    match command["do"]:
        case "suggest":
            answer = [Search(command, seed).ask() for seed in range(command["count"])]
        case "split":
            answer = Search(command, 0).split()
        case "time":
            answer = Search(command, 0).milliseconds(command["count"])
        case "importance":
            answer = Search(command, 0).importances()
        case "begin":
            search = Search(command, command["seed"])
            answer = None
        case "ask":
            answer = search.ask()
        case "tell":
            answer = search.study.tell(search.asked, command["value"]).number
    print(json.dumps(answer), flush=True)
