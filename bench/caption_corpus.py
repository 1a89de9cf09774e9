#!/usr/bin/env python3
"""Invents pictures with captions, as large as wanted, to time and to compare caption metrics on.

    caption_corpus.py FOLDER --pictures 1000 --references 5

writes FOLDER/references.json (COCO annotations) and FOLDER/results.json (COCO results). Each picture
is a scene; its captions say the scene in different words, leave parts out, and now and then get them
wrong. Same seed, same files.
"""

import argparse
import json
import pathlib
import random

SUBJECTS = [
    ["man", "guy", "person"], ["woman", "lady", "person"], ["little boy", "child", "kid", "boy"],
    ["young girl", "girl", "child"], ["dog", "puppy"], ["cat", "kitten", "tabby"], ["brown horse", "horse"],
    ["group of people", "crowd", "few people"], ["skateboarder", "skater", "young man"], ["surfer", "man"],
    ["two women", "two ladies", "women"], ["three men", "several men"], ["baseball player", "batter"],
    ["elephant", "large elephant"], ["couple of giraffes", "two giraffes"], ["red bus", "double-decker bus", "bus"],
    ["passenger train", "train"], ["black and white cow", "cow"], ["teddy bear", "stuffed animal"],
    ["chef", "cook"], ["bird", "small bird"], ["children's toy truck", "toy truck"],
]
CLOTHES = ["", "", "", "in a red shirt", "in a blue t-shirt and jeans", "wearing a hat", "with a black jacket on",
           "in a women's long-sleeve dress", "with sunglasses", "in white", "with a striped v-neck sweater"]
ACTIONS = [
    ["is riding a wave on a surfboard", "rides a surfboard", "surfing in the ocean"],
    ["is sitting on a wooden bench", "sits on a bench", "sitting down on a park bench"],
    ["is eating a slice of pizza", "eats pizza", "having some pizza"],
    ["stands next to a parked car", "is standing beside a car", "standing by an automobile"],
    ["is lying on a couch", "lies on the sofa", "sleeping on a couch"],
    ["looks at the camera", "is looking into the camera", "posing for a photo"],
    ["is walking down the street", "walks along a road", "strolling down a sidewalk"],
    ["is being held by a man", "held in someone's arms", "carried by a man"],
    ["jumps over a fence", "is jumping over an obstacle", "jumping high in the air"],
    ["is parked in front of a building", "stopped outside of a brick building", "sits in front of a house"],
    ["plays with a frisbee", "is playing frisbee", "catching a flying disc"],
    ["is holding an umbrella", "holds a large umbrella", "with an open umbrella in the rain"],
    ["talks on a cell phone", "is using a mobile phone", "speaking on the phone"],
    ["grazes on green grass", "is eating grass in a field", "grazing in a pasture"],
]
PLACES = [
    ["in a field", "on the grass", "in a grassy area"], ["at the beach", "near the water", "by the sea"],
    ["in a kitchen", "inside the kitchen"], ["on a city street", "in the city", "downtown"],
    ["in front of a crowd", "with people watching"], ["under a tree", "in the shade of a tree"],
    ["in the snow", "on a snowy day"], ["at night", "in the dark"], ["in the background", "behind a fence"],
    ["on top of a hill", "on a mountain"], ["", ""],
]
ENDINGS = [".", ".", ".", ".", "", "", " .", "!", "...", ", it's a sunny day.", " - a close-up", " (old photo)."]


def caption(scene, chance):
    subject, clothes, action, place = (chance.choice(part) for part in scene)
    if chance.random() < 0.5:
        clothes = ""
    if chance.random() < 0.3:
        place = ""
    article = "" if subject[-1] == "s" or subject.split()[0] in ("two", "three", "several") else "a "
    words = " ".join(part for part in (article + subject, clothes, action, place) if part)
    return words[0].upper() + words[1:] + chance.choice(ENDINGS)


def scene_of(chance):
    return [chance.choice(SUBJECTS), [chance.choice(CLOTHES)], chance.choice(ACTIONS), chance.choice(PLACES)]


def corpus(pictures, references, seed):
    """(COCO annotations, COCO results)."""
    chance = random.Random(seed)
    images, annotations, results = [], [], []
    for number in range(1, pictures + 1):
        scene = scene_of(chance)
        images.append({"id": number, "file_name": f"{number:012}.jpg"})
        for _ in range(references):
            annotations.append({"image_id": number, "id": len(annotations) + 1, "caption": caption(scene, chance)})
        wrong, part = scene_of(chance), chance.randrange(4)
        seen = [wrong[i] if i == part and chance.random() < 0.6 else scene[i] for i in range(4)]
        results.append({"image_id": number, "caption": caption(seen, chance)})
    return {"images": images, "annotations": annotations}, results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--references", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    annotations, results = corpus(options.pictures, options.references, options.seed)
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, content in [("references.json", annotations), ("results.json", results)]:
        (options.folder / name).write_text(json.dumps(content))


if __name__ == "__main__":
    main()
