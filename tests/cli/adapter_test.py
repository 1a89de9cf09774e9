"""blip caption --adapter: an adapter made here, as PEFT writes them."""

import json
import struct
import unittest

import support


def safetensors(tensors):
    """A file of f32 tensors from {name: (shape, values)}."""
    header, data = {}, b""
    for name, (shape, values) in tensors.items():
        raw = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


class Adapter(support.Case):
    def setUp(self):
        super().setUp()
        config = json.loads((support.MODEL / "config.json").read_text())
        self.channels = config["text_config"]["hidden_size"]
        self.picture = next((support.SOURCE / "weights" / "samples").glob("*.png"))
        self.write({})

    def write(self, changes, value=1.0):
        """An adapter of rank 1 on the last layer's output, whose addition is large."""
        folder = self.folder / "adapter"
        folder.mkdir(exist_ok=True)
        config = {"peft_type": "LORA", "r": 1, "lora_alpha": 8, "target_modules": ["transform.dense"]}
        (folder / "adapter_config.json").write_text(json.dumps(config | changes))
        key = "base_model.model.text_decoder.cls.predictions.transform.dense"
        (folder / "adapter_model.safetensors").write_bytes(safetensors({
            key + ".lora_A.weight": ([1, self.channels], [value * (-1) ** i for i in range(self.channels)]),
            key + ".lora_B.weight": ([self.channels, 1], [value] * (self.channels // 2)
                                     + [-value] * (self.channels - self.channels // 2))}))

    def caption(self, *options):
        return support.run("caption", self.picture, "--max-new-tokens", "8", *options)

    def test_changes_captions_as_strongly_as_wanted(self):
        plain = self.caption()
        self.expect(plain, 0)
        adapter = ("--adapter", self.folder / "adapter")
        changed = self.caption(*adapter)
        self.expect(changed, 0)
        self.assertNotEqual(changed.stdout, plain.stdout)
        self.expect(self.caption(*adapter, "--adapter-scale", "0"), 0, stdout=plain.stdout)

    def test_says_what_does_not_fit(self):
        adapter = ("--adapter", self.folder / "adapter")
        self.expect(self.caption("--adapter-scale", "2"), 2, stderr="--adapter-scale needs --adapter")
        self.expect(self.caption("--adapter", self.folder), 3, stdout=b"", stderr="adapter_config.json")
        self.write({"use_dora": True})
        self.expect(self.caption(*adapter), 3, stdout=b"", stderr="use_dora")
        self.write({"target_modules": ["no_such_layer"]})
        self.expect(self.caption(*adapter), 3, stdout=b"", stderr='"no_such_layer" names no linear layer')
        self.write({"target_modules": ["transform.dense", "query"]})
        self.expect(self.caption(*adapter), 3, stdout=b"", stderr="self.query.lora_A.weight")


if __name__ == "__main__":
    unittest.main()
