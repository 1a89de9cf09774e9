"""Writes fixtures/search.json: what transformers' generate makes of a toy language model.

    python tests/nn/make_search_fixture.py        (transformers 5.23, torch 2.15)

The toy's logits are integers hashed from a row's tokens, scaled by a power of two, so the C++ test
computes the same logits bit for bit (HashDecoder in search_test.cpp). Part of a logit depends on the
last token alone, so that rows repeat themselves, and part on all tokens before it, so that a beam
that lost its history shows. Prompts are decoded one at a time: padding plays no part.
"""

import itertools
import json
import pathlib

import torch
from transformers import PretrainedConfig, PreTrainedModel
from transformers.generation import GenerationMixin
from transformers.modeling_outputs import CausalLMOutput

EOS, PAD = 2, 0


def hash32(x):
    """The finaliser of MurmurHash3, of an int64 tensor that holds 32-bit values."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = ((x ^ (x >> shift)) * factor) & 0xFFFFFFFF
    return x ^ (x >> 16)


class ToyConfig(PretrainedConfig):
    model_type = "toy"

    def __init__(self, vocab_size=24, seed=0, eos_bonus=0.0, **kwargs):
        super().__init__(**kwargs)
        self.vocab_size, self.seed, self.eos_bonus = vocab_size, seed, eos_bonus


class Toy(PreTrainedModel, GenerationMixin):
    config_class = ToyConfig

    def __init__(self, config):
        super().__init__(config)
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.post_init()

    def prepare_inputs_for_generation(self, input_ids, **kwargs):
        return {"input_ids": input_ids}

    def forward(self, input_ids, return_dict=True, **kwargs):
        history = torch.full(input_ids.shape[:1], self.config.seed, dtype=torch.int64)
        for column in input_ids.T:
            history = hash32(history ^ (column + 1))
        last = hash32(torch.full_like(history, self.config.seed) ^ (input_ids[:, -1] + 1))
        tokens = torch.arange(self.config.vocab_size)

        def values(state):  # 20 bits for each token
            return hash32(state[:, None] ^ (tokens + 1000)) >> 12

        logits = (3 * values(last) + values(history) - 2**21).float() / 2**19
        logits[:, EOS] += self.config.eos_bonus
        return CausalLMOutput(logits=logits[:, None])


def settings():
    """The arguments of generate, case after case; "model" is the toy's, if not chosen by number."""
    for rules in (
        {},
        {"min_new_tokens": 6},
        {"repetition_penalty": 1.4},
        {"repetition_penalty": 0.7, "max_new_tokens": 7},
        {"no_repeat_ngram_size": 1},
        {"no_repeat_ngram_size": 2},
        {"no_repeat_ngram_size": 3, "min_new_tokens": 12},
        {"bad_words_ids": [[5], [7], [11], [EOS]]},
        {"bad_words_ids": [[5, 6], [9, 3], [3, 9], [1, 4, 8, 10, 5, 1, 3, 12], [15, 16, 17], [EOS, 3]]},
        {"bad_words_ids": [[4]] + [[a, b] for a in range(3, 20) for b in (6, 8)]},
        {"repetition_penalty": 1.2, "no_repeat_ngram_size": 2, "bad_words_ids": [[8], [10, 12]],
         "min_new_tokens": 8},
        {"max_new_tokens": 1},
    ):
        yield rules
        for num_beams in (2, 3, 5):
            yield {"num_beams": num_beams, "num_return_sequences": min(num_beams, 3), **rules}
    for num_beams, length_penalty, early_stopping in itertools.product(
        (2, 3, 4, 5), (-1.0, 0.0, 0.6, 1.0, 2.5), (False, True, "never")
    ):
        yield {"num_beams": num_beams, "length_penalty": length_penalty,
               "early_stopping": early_stopping, "num_return_sequences": 2}
    # A negative penalty must not hope for longer rows: models that show the difference are rare.
    for num_beams, seed, eos_bonus in ((3, 42, 2.0), (2, 61, 1.0), (3, 61, 1.0)):
        yield {"model": {"vocab_size": 20, "seed": seed, "eos_bonus": eos_bonus},
               "num_beams": num_beams, "num_return_sequences": num_beams, "max_new_tokens": 60,
               "early_stopping": "never", "length_penalty": -0.3}
    for num_beams in (2, 4, 5):
        yield {"num_beams": num_beams, "num_return_sequences": num_beams, "max_new_tokens": 5,
               "early_stopping": "never", "length_penalty": 2.0}


def rounded(values):
    return [round(float(v), 6) for v in values]


def run(number, arguments):
    model = {"vocab_size": (20, 24, 31, 40)[number % 4], "seed": 1000 + number,
             "eos_bonus": (0.0, 1.0, 2.0, 3.0, 3.5)[number % 5]}
    arguments = {"max_new_tokens": 14, **arguments}
    model = arguments.pop("model", model)
    toy = Toy(ToyConfig(**model)).eval()
    prompts = [[1], [1, 4, 8, 10], [1, 5, 9, 5, 9, 3, 9]]
    case = {"model": model, "settings": arguments, "prompts": []}
    for prompt in prompts[: 3 if arguments.get("num_return_sequences", 1) < 3 else 2]:
        out = toy.generate(torch.tensor([prompt]), do_sample=False, eos_token_id=EOS, pad_token_id=PAD,
                           use_cache=False, output_scores=True, return_dict_in_generate=True,
                           **arguments)
        beams = arguments.get("num_beams", 1) > 1
        logprobs = toy.compute_transition_scores(
            out.sequences, out.scores, out.beam_indices if beams else None, normalize_logits=not beams)
        sequences = []
        for row in range(len(out.sequences)):
            ids = out.sequences[row].tolist()
            new = ids[len(prompt):]
            length = new.index(EOS) + 1 if EOS in new else len(new)
            sequence = {"ids": ids[: len(prompt) + length],
                        "token_logprobs": rounded(logprobs[row, :length])}
            if beams:
                sequence["score"] = round(float(out.sequences_scores[row]), 6)
            sequences.append(sequence)
        case["prompts"].append({"prompt": prompt, "sequences": sequences})
    return case


def main():
    cases = [run(number, arguments) for number, arguments in enumerate(settings())]
    path = pathlib.Path(__file__).parent / "fixtures" / "search.json"
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text(f'{{"eos_token_id":{EOS},"cases":[\n{lines}\n]}}\n')
    ended = sum(s["ids"][-1] == EOS for c in cases for p in c["prompts"] for s in p["sequences"])
    total = sum(len(p["sequences"]) for c in cases for p in c["prompts"])
    print(f"{path}: {len(cases)} cases, {total} sequences, {ended} ended, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
