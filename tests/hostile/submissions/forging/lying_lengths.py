"""Answers with things that say they have 2**60 items, and give items for ever."""


class Endless:
    def __len__(self):
        return 2**60

    def __length_hint__(self):
        return 2**60

    def __iter__(self):
        while True:
            yield 1

    def __getitem__(self, index):
        return 1


def conv_output_shape(*args, **kwargs):
    return Endless()


def same_padding(*args, **kwargs):
    return iter(Endless())
