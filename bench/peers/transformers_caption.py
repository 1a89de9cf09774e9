#!/usr/bin/env python3
"""Seconds that transformers takes to encode a picture and to caption it, on the CPU.

The model is a folder; random weights serve as well as trained ones (`blip init`), since every
caption is made exactly --tokens long. The text decoder is called as
BlipForConditionalGeneration.generate calls it, apart from the encoder, so that each is timed alone.
"""

import argparse
import json
import os
import resource
import statistics
import time

import torch
import transformers


def seconds(run, repeats):
    """Median wall-clock seconds of `run`, after one call to warm up."""
    run()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, metavar="DIR", help="a Hugging Face BLIP folder")
    parser.add_argument("--batch", type=int, default=1, help="pictures at a time")
    parser.add_argument("--tokens", type=int, default=20, help="new tokens a caption, exactly")
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--repeats", type=int, default=3, help="timed runs after the warm-up")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = transformers.BlipForConditionalGeneration.from_pretrained(
        options.model, dtype=getattr(torch, options.dtype), local_files_only=True
    ).eval()
    text = model.config.text_config
    size = model.config.vision_config.image_size
    pixel_values = torch.randn(options.batch, 3, size, size, dtype=model.dtype)

    def encode():
        return model.vision_model(pixel_values=pixel_values)[0]

    def generate(image_embeds):
        answer = model.text_decoder.generate(
            input_ids=torch.full((options.batch, 1), text.bos_token_id),
            eos_token_id=text.sep_token_id,
            pad_token_id=text.pad_token_id,
            encoder_hidden_states=image_embeds,
            encoder_attention_mask=torch.ones(image_embeds.shape[:-1], dtype=torch.long),
            num_beams=options.beams,
            do_sample=False,
            min_new_tokens=options.tokens,
            max_new_tokens=options.tokens,
        )
        if answer.shape[1] != 1 + options.tokens:
            raise SystemExit(f"expected {options.tokens} new tokens, got {answer.shape[1] - 1}")

    with torch.inference_mode():
        encode_seconds = seconds(encode, options.repeats) / options.batch
        image_embeds = encode()
        generate_seconds = seconds(lambda: generate(image_embeds), options.repeats) / options.batch
    result = {
        "engine": f"transformers {transformers.__version__} + torch {torch.__version__.split('+')[0]}",
        "dtype": options.dtype,
        "threads": options.threads,
        "batch": options.batch,
        "tokens": options.tokens,
        "beams": options.beams,
        "encode_seconds": encode_seconds,
        "generate_seconds": generate_seconds,
        "tokens_per_second": options.tokens / generate_seconds,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:<18} {value:.4g}" if isinstance(value, float) else f"{name:<18} {value}")


if __name__ == "__main__":
    main()
