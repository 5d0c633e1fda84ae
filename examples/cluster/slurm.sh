#!/bin/bash
# Train on several machines of a Slurm cluster: sbatch examples/cluster/slurm.sh
#
# Two minutes before the time is up Slurm sends SIGTERM: the workers save, and end with status 75
# at the same step. The job then goes back into the queue and continues where it was. The same
# happens when a machine is lost: the others end, and the run goes on from its last checkpoint.
# runs/ must be a folder that all machines see.
#SBATCH --job-name=gan_mri
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --gpus-per-node=1
#SBATCH --time=12:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --open-mode=append

# Runs on every machine: its addresses, and which of them this is.
worker='
hosts=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | sed "s/.*/\"&:2222\"/" | paste -sd, -)
task="{\"type\": \"worker\", \"index\": $SLURM_PROCID}"
export TF_CONFIG="{\"cluster\": {\"worker\": [$hosts]}, \"task\": $task}"
exec python -m gan_mri.train "$@"
'

srun bash -c "$worker" worker welander/cyclegan --data STUDY --contrasts T1w T2w \
    --strategy multiworker --out runs/t1-t2 --resume-or-start --checkpoint-every 15
status=$?

if [ "$status" -eq 75 ]; then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
