"""Answers of the peers in PyTorch with exported weights: peer.py PEERS CASES."""

import json
import sys

sys.path.insert(0, sys.argv[1])

import torch  # noqa: E402
from distances import similarity, squared_distances  # noqa: E402
from pipnet import PipNet  # noqa: E402
from protomask import ProtoMask  # noqa: E402
from protopnet import ProtoPNet  # noqa: E402
from protopool import ProtoPool  # noqa: E402
from tensors import read_tensors  # noqa: E402


def model_of(case):
    first = [case["layers"], case["width"], case["classes"]]
    sizes = case["sizes"]
    match case["name"]:
        case "protomask":
            return ProtoMask(*first, sizes["prototypesPerClass"], sizes["depth"])
        case "protopnet":
            return ProtoPNet(*first, sizes["prototypesPerClass"], sizes["depth"])
        case "protopool":
            return ProtoPool(*first, sizes["prototypes"], sizes["slots"], sizes["depth"])
        case "pipnet":
            return PipNet(*first)


def answer(name, model, x):
    if name == "pipnet":
        maps = torch.softmax(model.backbone(x), 1)
        scores = maps.amax((2, 3))
        return {"logits": model.last_layer(scores), "similarities": scores, "maps": maps}
    seen = x.flatten(0, 1) if name == "protomask" else x
    d = squared_distances(model.add_on_layers(model.backbone(seen)), model.prototype_vectors)
    if name == "protomask":
        d = d.reshape(x.shape[0], x.shape[1], -1, 1).transpose(1, 2)
    scores = similarity(d.amin((2, 3)))
    if name == "protopool":
        scores = scores - similarity(d.mean((2, 3)))
        presence = torch.softmax(model.proto_presence * 1000, 1)
        logits = model.last_layer(torch.einsum("bp,cpn->bcn", scores, presence).flatten(1))
    else:
        logits = model.last_layer(scores)
    return {"logits": logits, "similarities": scores, "maps": similarity(d), "distances": d}


for case in json.loads(sys.argv[2]):
    folder = case["folder"]
    model = model_of(case)
    state = read_tensors(f"{folder}/weights.safetensors")
    state.pop("classification_loss_fn.weight")
    model.load_state_dict(state)
    model.eval()
    with torch.no_grad():
        outputs = answer(case["name"], model, read_tensors(f"{folder}/x.safetensors")["x"])
    written = {name: {"shape": list(value.shape), "data": value.flatten().tolist()} for name, value in outputs.items()}
    with open(f"{folder}/answer.json", "w") as file:
        json.dump(written, file)
