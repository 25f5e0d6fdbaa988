import torch


def standardise(x):
    columns = []
    for column in x.unbind(dim=1):
        spread = column.std()
        columns.append((column - column.mean()) / spread if spread > 0 else torch.zeros_like(column))
    return torch.stack(columns, dim=1)
