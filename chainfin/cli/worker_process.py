"""`python -m chainfin.cli.worker_process`: the worker of `chainfin up`, as its own process."""

from chainfin.cli.network import worker

if __name__ == "__main__":
    worker(home=None, once=False)
