"""Answers with objects whose unpickling would run a command: nothing may unpickle them."""

import os


class Bomb:
    def __reduce__(self):
        return os.system, ("echo BREACH > @OUTSIDE@/pickled",)

    def __reduce_ex__(self, protocol):
        return self.__reduce__()

    __getstate__ = __reduce__

    def __deepcopy__(self, memo):
        print("BREACH: copied")
        return self


def conv_output_shape(*args, **kwargs):
    return Bomb()


def same_padding(*args, **kwargs):
    return [Bomb(), {"a": Bomb()}]
