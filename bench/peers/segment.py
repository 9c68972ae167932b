"""Automatic masks with facebookresearch's SAM 2, once for every line on stdin; prints milliseconds and the number of masks as JSON.

segment.py SETTINGS   JSON: configuration, paths of weights and image, width, height, parameters
"""

import json
import logging
import sys
import time

import numpy
import torch
from safetensors.torch import load_file
from sam2.automatic_mask_generator import SAM2AutomaticMaskGenerator
from sam2.modeling.backbones.hieradet import Hiera
from sam2.modeling.backbones.image_encoder import FpnNeck, ImageEncoder
from sam2.modeling.position_encoding import PositionEmbeddingSine
from sam2.modeling.sam2_base import SAM2Base


def video_part(width):
    """Stands for what images don't use; the model only asks it for its width."""
    module = torch.nn.Module()
    module.d_model = width
    return module


def build(size):
    trunk = Hiera(
        embed_dim=size["channels"],
        num_heads=size["heads"],
        stages=size["stages"],
        global_att_blocks=size["globalBlocks"],
        window_pos_embed_bkg_spatial_size=size["backgroundSize"],
        window_spec=size["windows"],
        q_pool=size["pooledStages"],
    )
    neck = FpnNeck(
        position_encoding=PositionEmbeddingSine(num_pos_feats=size["width"]),
        d_model=size["width"],
        backbone_channel_list=trunk.channel_list,
        fpn_top_down_levels=size["topDownLevels"],
        fpn_interp_model=size["topDownMode"],
    )
    return SAM2Base(
        image_encoder=ImageEncoder(trunk=trunk, neck=neck, scalp=size["droppedLevels"]),
        memory_attention=video_part(size["width"]),
        memory_encoder=video_part(size["width"]),
        image_size=size["imageSize"],
        use_high_res_features_in_sam=True,
        multimask_output_in_sam=True,
        directly_add_no_mem_embed=True,
        iou_prediction_use_sigmoid=True,
        pred_obj_scores=True,
        pred_obj_scores_mlp=True,
    )


settings = json.loads(sys.argv[1])
logging.disable(logging.INFO)
torch.set_grad_enabled(False)
model = build(settings["configuration"]).eval()
missing, unexpected = model.load_state_dict(load_file(settings["paths"]["weights"]), strict=False)
video = ("maskmem_tpos_enc", "no_mem_pos_enc", "no_obj", "mask_downsample", "obj_ptr")
if unexpected or [name for name in missing if not name.startswith(video)]:
    sys.exit(f"the weights do not fit: {missing} {unexpected}")
image = numpy.fromfile(settings["paths"]["image"], dtype=numpy.uint8)
image = image.reshape(settings["height"], settings["width"], 3)
chosen = settings["parameters"]
generator = SAM2AutomaticMaskGenerator(
    model,
    points_per_side=chosen["pointsPerSide"],
    points_per_batch=chosen["pointsPerBatch"],
    pred_iou_thresh=chosen["predictedIouThreshold"],
    stability_score_thresh=chosen["stabilityThreshold"],
    stability_score_offset=chosen["stabilityOffset"],
    box_nms_thresh=chosen["boxNmsThreshold"],
    crop_n_layers=chosen["cropLayers"],
    output_mode="uncompressed_rle",
)
# The predictor knows the maps of 1024-pixel models only.
side = settings["configuration"]["imageSize"]
generator.predictor._bb_feat_sizes = [(side // scale, side // scale) for scale in (4, 8, 16)]
for _ in sys.stdin:
    begin, before = time.perf_counter(), time.process_time()
    masks = len(generator.generate(image))
    wall, cpu = time.perf_counter() - begin, time.process_time() - before
    print(json.dumps({"wall": 1000 * wall, "cpu": 1000 * cpu, "masks": masks}), flush=True)
