"""Replay beyond one machine: an exported log verified and folded again as tasks of Ray.

`villkor export log --out DIR` writes the log, a bucket a partition, and

    python -m deploy.replay DIR                   # on the cores of this machine
    python -m deploy.replay DIR --address auto    # on the cluster that this machine is part of
    python -m deploy.replay DIR --address ray://HEAD:10001      # on another cluster

walks every chain, decides every order again from its recorded facts under the terms that it pinned,
and folds it into the rows of all read models. It is the same code that `villkor verify` runs, over
the same events, so that it comes to the same orders, events, differences and öre, and to the same
rows: `tables` has their number and a digest of each table. `--rows OUT` writes the rows themselves,
as Parquet. It needs no database, and nothing personal is in what it works on. What lies beside the
log (timers, shipments, personal values) is compared by `villkor verify` alone.

It wants the extra `replay` (Ray and pyarrow). The machine that starts it reads the folder and sends
each bucket to whoever is free, so that the others need not see it; a bucket whose worker dies is
given to another, three times. All machines have the same version of the program, of Python and of
Ray; a worker with other rules is refused. Most simply they run one image:

    podman build -f deploy/Containerfile --target replay -t villkor-replay .
    alias with='podman run --network host --shm-size 4g -e RAY_AUTH_MODE=token -e RAY_AUTH_TOKEN'
    with villkor-replay ray start --head --port 6379 --block       # on the first machine
    with villkor-replay ray start --address HEAD:6379 --block      # on each of the others
    with -v DIR:/log:ro villkor-replay python -m deploy.replay /log --address ray://HEAD:10001

Whoever reaches a cluster runs programs on it: it belongs into a network of its own, and
RAY_AUTH_TOKEN (`ray get-auth-token --generate` makes one) is the same secret on all machines.
"""
