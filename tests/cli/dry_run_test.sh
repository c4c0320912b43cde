#!/bin/bash
# Usage: dry_run_test.sh EMOTRAIN SOURCE_DIRECTORY. What --dry-run shows, and that it leaves nothing; silent when all is well.
# shellcheck source=tests/cli/support.sh
. "$(dirname "$0")/support.sh"
ln -s "$source_dir/data" data

cat > small.json << 'END'
{
  "name": "small",
  "data": {"name": "digits8x8", "batch_size": 100, "validation_fraction": 0.1},
  "model": {"name": "cnn", "channels": [4]},
  "optimizer": {"name": "adamw", "lr": 1e-3},
  "trainer": {"num_train_epochs": 2}
}
END
before=$(ls -A)

what_it_shows() {
  accept --config small.json --dry-run
  shows '^layer +type +output +parameters +FLOPs a sample$' '^0 +conv2d +\(4,8,8\) +40 +4,608$' '^1 +relu +\(4,8,8\) +0 +256$' \
    '^4 +linear +\(10\) +650 +1,280$' '^total +690 +6,400$' '^data +digits8x8, samples of shape \(1,8,8\) in 10 classes: [0-9,]+ to train' \
    '^steps +[0-9]+: 2 epochs of [0-9]+, each step a batch of 100$' '^optimizer +adamw, 8 bytes of state for each parameter$' \
    '^memory +[0-9.]+ MiB: data ' '^time +[0-9.]+ (µs|ms|s): steps '
  [ ! -s err ] || complain "--dry-run writes to standard error: $(cat err)"
  accept --config small.json --dry-run 'model={"name": "conv_vae", "channels": [4]}' --output-dir new
  shows '^enc\.0 +conv2d' '^latent +gaussian' '^dec\.3 +conv_transpose2d'
}

what_it_refuses() {
  refuse 2 'argument 1: /model/channels: 4 blocks halve' --config small.json --dry-run 'model.channels=[1,1,1,1]'
  refuse 66 'absent\.safetensors' --config small.json --dry-run --init-from absent.safetensors
}

what_it_leaves() {
  rm out err
  [ "$(ls -A)" = "$before" ] || complain "--dry-run leaves" ./*
}

run_parts what_it_shows what_it_refuses what_it_leaves
