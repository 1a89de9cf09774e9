"""Writes fixtures/logits_processors.json: what transformers' logits processors make of scores.

    python tests/nn/make_logits_fixture.py        (transformers 5.23, torch 2.15)

Each case: scores, ids, the processor's name and arguments, and the scores after it (null: banned).
"""

import json
import pathlib

import torch
from transformers.generation.logits_process import (
    NoBadWordsLogitsProcessor,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

EOS, VOCABULARY = 2, 16


def main():
    generator = torch.Generator().manual_seed(3)
    words = [[4], [EOS], [5, 6], [6, 5, 6], [1, 5, 6, 5, 6, 3, 3, 9], [EOS, 7], [3, EOS], [10, 11]]
    processors = [
        *(("repetition_penalty", p, RepetitionPenaltyLogitsProcessor(p)) for p in (0.5, 1.0, 1.7)),
        *(("no_repeat_ngram_size", n, NoRepeatNGramLogitsProcessor(n)) for n in (1, 2, 3, 7)),
        ("bad_words_ids", words, NoBadWordsLogitsProcessor(words, EOS)),
        *(("temperature", t, TemperatureLogitsWarper(t)) for t in (0.3, 2.0)),
        *(("top_k", k, TopKLogitsWarper(k)) for k in (1, 3, 15, 16, 40)),
        *(("top_p", p, TopPLogitsWarper(p)) for p in (1e-6, 0.3, 0.9, 0.999)),
        *(("top_p_keep_2", p, TopPLogitsWarper(p, min_tokens_to_keep=2)) for p in (1e-6, 0.8)),
    ]
    cases = []
    for ids in ([1], [1, 5], [1, 5, 6, 5, 6], [1, 3, 3, 3, 10, 10], [1, 5, 6, 5, 6, 3, 3]):
        for name, value, processor in processors:
            scores = torch.randn(1, VOCABULARY, generator=generator) * 3
            after = processor(torch.tensor([ids]), scores.clone())
            cases.append({
                "processor": name, "value": value, "ids": ids, "scores": scores[0].tolist(),
                "after": [v if v > float("-inf") else None for v in after[0].tolist()],
            })
    path = pathlib.Path(__file__).parent / "fixtures" / "logits_processors.json"
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text(f'{{"eos_token_id":{EOS},"cases":[\n{lines}\n]}}\n')
    print(f"{path}: {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
