"""As in many tutorials: zero_grad first, and `.data` to go behind autograd's back."""


def train_step(model, imgs, labels, criterion, optim):
    optim.zero_grad()
    outputs = model.forward(imgs)
    loss = criterion(outputs, labels)
    loss.backward()
    optim.step()
    return loss.detach().cpu().numpy().astype("float64").item()


def sgd_update(params, lr):
    for p in params:
        if p.grad is not None:
            p.data = p.data - lr * p.grad.data
