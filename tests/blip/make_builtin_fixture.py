#!/usr/bin/env python3
"""Asks transformers what the built-in model says of the bundled pictures.

    pip install torch transformers pillow
    python3 tests/blip/make_builtin_fixture.py > tests/blip/fixtures/builtin.json

tests/blip/builtin_test.cpp holds this engine against it. Made anew when model or pictures change.
"""

import json
import pathlib
import sys

import torch
from PIL import Image
from transformers import BlipForConditionalGeneration, BlipImageProcessorPil, BlipProcessor

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "weights" / "blip-clothing-tiny"


def fnv1a(data: bytes) -> str:
    """A checksum that is three lines in any language."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def sequence(ids, end):
    """The ids up to and with the first end token: what follows is padding."""
    return ids[: ids.index(end) + 1] if end in ids else ids


def main():
    model = BlipForConditionalGeneration.from_pretrained(
        MODEL, dtype=torch.float32, attn_implementation="eager").eval()
    processor = BlipProcessor.from_pretrained(MODEL)
    images = BlipImageProcessorPil.from_pretrained(MODEL)
    end = model.config.text_config.sep_token_id
    size = model.config.vision_config.image_size
    answers = []
    for path in sorted((ROOT / "weights" / "samples").glob("*.png")):
        picture = Image.open(path).convert("RGB")
        pixels = images(picture, return_tensors="pt")["pixel_values"]
        resized = picture.resize((size, size), Image.Resampling.BICUBIC)
        with torch.no_grad():
            hidden = model.vision_model(pixels).last_hidden_state
            greedy = model.generate(pixels, max_new_tokens=20, do_sample=False, num_beams=1,
                                    output_scores=True, return_dict_in_generate=True)
            beams = model.generate(pixels, max_new_tokens=20, do_sample=False, num_beams=3,
                                   output_scores=True, return_dict_in_generate=True)
            prompt = processor.tokenizer("a photo of", return_tensors="pt")
            prompted = model.generate(pixels, input_ids=prompt.input_ids,
                                      attention_mask=prompt.attention_mask, max_new_tokens=20,
                                      do_sample=False, num_beams=1)
        ids = sequence(greedy.sequences[0].tolist(), end)
        answers.append({
            "picture": path.name,
            "resized_fnv1a": fnv1a(resized.tobytes()),
            "last_hidden_state": [[round(v, 6) for v in hidden[0, token, :4].tolist()]
                                  for token in (0, 1, hidden.shape[1] - 1)],
            "greedy_ids": ids,
            "greedy_token_logprobs": [
                round(torch.log_softmax(scores[0], -1)[token].item(), 5)
                for scores, token in zip(greedy.scores, ids[1:])],
            "caption": processor.decode(ids, skip_special_tokens=True),
            "beam_ids": sequence(beams.sequences[0].tolist(), end),
            "beam_score": round(beams.sequences_scores[0].item(), 5),
            "prompted_ids": sequence(prompted[0].tolist(), end),
        })
    json.dump(answers, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
