"""Small functions, model.zero_grad right before backward, copy_ under set_grad_enabled."""

import torch


def clear(model):
    for p in model.parameters():
        p.grad = None


def train_step(model, images, targets, loss_fn, optimizer, verbose=False):
    output = model(images)
    clear(model)
    loss = loss_fn(output, targets)
    model.zero_grad()
    loss.backward()
    value = loss.detach().item()
    optimizer.step()
    if verbose:
        print(f"loss: {value:.4f}")
    return value


def step(p, lr):
    p.copy_(torch.add(p, p.grad, alpha=-lr))


def sgd_update(parameters, lr):
    with torch.set_grad_enabled(False):
        [step(p, lr) for p in parameters if p.grad is not None]


if __name__ == "__main__":
    print("run `learn check 06`")
