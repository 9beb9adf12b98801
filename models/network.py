"""The network: one shared encoder and five heads, each with its own attention over the tokens.

Only tensors in, tensors out. Loading, batching and the meaning of the outputs live elsewhere.
"""

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from models.labels import HEADS


class Reader(nn.Module):
    """Logits per head: {"stance": [rows, 3], "urgency": [rows, 4], "topics": [rows, 11], ...: [rows, 1]}."""

    def __init__(self, config: BertConfig, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = BertModel(config, add_pooling_layer=False)
        hidden = config.hidden_size
        self.queries = nn.Parameter(torch.randn(len(HEADS), hidden) * hidden**-0.5)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict({name: nn.Linear(2 * hidden, size) for name, size in HEADS.items()})

    @property
    def config(self) -> BertConfig:
        return self.encoder.config

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.read(hidden.float(), attention_mask)

    def read(self, hidden: Tensor, mask: Tensor) -> dict[str, Tensor]:
        """Heads over the last layer; float32 whatever the encoder ran in."""
        seen = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * seen).sum(1) / seen.sum(1).clamp(min=1.0)
        scores = hidden @ self.queries.to(hidden.dtype).T
        weights = scores.masked_fill(mask.unsqueeze(-1) == 0, -1e4).softmax(dim=1)
        focus = torch.einsum("btq,bth->bqh", weights, hidden)
        return {
            name: self.heads[name](self.dropout(torch.cat([mean, focus[:, place]], dim=-1)))
            for place, name in enumerate(HEADS)
        }
