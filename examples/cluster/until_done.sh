#!/bin/bash
# Run a training again for as long as it says that it can go on (status 75: it was told to stop,
# or lost a worker): bash examples/cluster/until_done.sh --data STUDY --contrasts T1w T2w
#
# On each of several machines, set TF_CONFIG before and add --strategy multiworker.

while true; do
    python -m gan_mri.train --out runs/t1-t2 --resume-or-start --checkpoint-every 15 "$@"
    status=$?
    [ "$status" -eq 75 ] || exit "$status"
    sleep 10
done
