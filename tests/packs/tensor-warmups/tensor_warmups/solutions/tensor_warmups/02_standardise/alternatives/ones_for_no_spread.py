def standardise(x):
    spread = x.std(0, keepdim=True)
    spread[spread == 0] = 1
    return (x - x.mean(0, keepdim=True)) / spread
