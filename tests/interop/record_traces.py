#!/usr/bin/env python3
"""Records golden traces of reference optimizers over the scenarios in GOLDEN/scenario-*.json.

  record_traces.py GOLDEN OUT            write OUT/NAME.KIND.json for every row of ROWS, OUT/extra/... for EXTRA
  record_traces.py GOLDEN OUT --compare  write nothing: record anew and print how far OUT's traces are from that
  record_traces.py GOLDEN OUT --double   the same in float64: the rounding noise that a float32 trace carries
  record_traces.py GOLDEN --verify       re-record the rows of VERIFY and compare with GOLDEN/NAME.KIND.json

References, all run in float32 on the CPU with one thread, CPython 3.11:
  torch 2.11.0+cu130 (PyPI): torch.optim.{SGD, Adam, AdamW, RAdam, RMSprop, Adagrad, Adadelta, Adafactor} in their
      single-tensor form (foreach off, the CPU default); torch.optim.swa_utils.AveragedModel, get_ema_avg_fn
  torch 1.13.0a0 (Debian's python3-torch 1.13.1+dfsg-4): NAdam, whose formula there (mu_product_next has mu twice) is
      the one of GOLDEN/nadam.*; 2.x differs (extra/nadam-options-torch2, extra/nadam-decoupled)
  pytorch_optimizer 3.9.0 (PyPI, kozistr): Lion, Tiger, ScheduleFreeAdamW, Prodigy, Lookahead.  With it torch 1.13 gives
      GOLDEN/{lion,tiger,schedulefree-adamw,prodigy}.* to the byte; its Prodigy (until 3.10.1) counts steps 1, 3, 5, ...
      for the bias correction.  Row extra/prodigy-options-step1 is 3.11.0's (EXTRA_KOZISTR=po3.11.0), which counts 1, 2, 3, ... as the
      author's prodigyopt does: it is the one kept, as prodigy-options.*
  muon-optimizer 0.1.0 (PyPI; KellerJordan/Muon muon.py): SingleDeviceMuonWithAuxAdam with two textual changes:
      p.add_(update) -> p.add_(update.reshape(p.shape)), as in the repository's 00ba60d3 (the wheel cannot take 4-D
      tensors), and, for muon.* but not extra/muon-bf16.*, G.bfloat16() -> G.clone() in Newton-Schulz
  schedulefree 1.4.1 (PyPI, Facebook): AdamWScheduleFree (VERIFY only: it agrees with the kozistr one)

The wheels are unpacked, not installed: set REFS to the folder that holds po3.9.0, po3.11.0, muon, sf.
"""
import copy
import json
import math
import os
import sys
from pathlib import Path

REFS = Path(os.environ['REFS'])
KOZISTR = os.environ.get('EXTRA_KOZISTR', 'po3.9.0')
sys.path[:0] = [str(REFS / KOZISTR), str(REFS / 'sf')]

import torch  # noqa: E402

OLD = torch.__version__.startswith('1.')  # then only torch.optim is used
if OLD:
    kozistr = schedulefree = type('Absent', (), {'__getattr__': lambda self, name: None})()
else:
    import pytorch_optimizer as kozistr
    import schedulefree
    from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

KINDS = ('descent', 'spikes', 'plateau', 'oscillate', 'diverge')
ADAMW = dict(lr=0.01, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01)
AUX = dict(lr=3e-4, betas=[0.9, 0.95], eps=1e-10, weight_decay=0.01)


def muon(params, aux_adam, nesterov, ns_steps, cast='G.clone()', **options):
    assert nesterov and ns_steps == 5  # not options of the class
    source = (REFS / 'muon' / 'muon.py').read_text()
    for old, new in (('p.add_(update, ', 'p.add_(update.reshape(p.shape), '), ('G.bfloat16()', cast)):
        assert old in source
        source = source.replace(old, new)
    scope = {}
    exec(compile(source, 'muon.py', 'exec'), scope)
    return scope['SingleDeviceMuonWithAuxAdam']([
        dict(params=[p for p in params if p.ndim >= 2], use_muon=True, **options),
        dict(params=[p for p in params if p.ndim < 2], use_muon=False, **aux_adam)])


def wrapped_adamw(params, lookahead=None, parameter_ema=None, **options):  # record() keeps the parameter_ema
    optimizer = torch.optim.AdamW(params, **options)
    return kozistr.Lookahead(optimizer, **lookahead) if lookahead else optimizer


O = torch.optim
ADAFACTOR = getattr(O, 'Adafactor', None)
ROWS = [  # name of the trace, name of the optimizer, its reference, options as the trace states them
    ('sgd-momentum', 'sgd', O.SGD, dict(lr=0.01, momentum=0.9)),
    ('sgd-dampening', 'sgd', O.SGD, dict(lr=0.01, momentum=0.9, dampening=0.5, weight_decay=0.1)),
    ('adam-amsgrad', 'adam', O.Adam, dict(ADAMW, weight_decay=0.1, amsgrad=True)),
    ('adamw-amsgrad', 'adamw', O.AdamW, dict(ADAMW, weight_decay=0.1, amsgrad=True)),
    ('adafactor', 'adafactor', ADAFACTOR, dict(
        lr=0.01, beta2_decay=-0.8, eps=[torch.finfo(torch.float32).eps, 1e-3], d=1.0, weight_decay=0.0)),
    ('adafactor-options', 'adafactor', ADAFACTOR, dict(lr=0.1, beta2_decay=-0.6, eps=[1e-20, 1e-2], d=1.2,
                                                  weight_decay=0.1)),
    ('adafactor-eps', 'adafactor', ADAFACTOR, dict(lr=0.05, beta2_decay=-0.8, eps=[0.02, 0.6], d=1.0,
                                              weight_decay=0.0)),
    ('adadelta', 'adadelta', O.Adadelta, dict(lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0)),
    ('adadelta-options', 'adadelta', O.Adadelta, dict(lr=0.5, rho=0.8, eps=1e-5, weight_decay=0.1)),
    ('rmsprop-plain', 'rmsprop', O.RMSprop, dict(lr=0.01, alpha=0.99, eps=1e-8)),
    ('rmsprop-centered', 'rmsprop', O.RMSprop, dict(lr=0.01, alpha=0.99, eps=1e-8, momentum=0.5, centered=True,
                                                    weight_decay=0.1)),
    ('adagrad-options', 'adagrad', O.Adagrad, dict(lr=0.01, lr_decay=0.01, weight_decay=0.1,
                                                   initial_accumulator_value=0.1, eps=1e-10)),
    ('nadam-options', 'nadam', O.NAdam, dict(ADAMW, weight_decay=0.1, momentum_decay=0.01)),
    ('radam-options', 'radam', O.RAdam, dict(lr=0.01, betas=[0.8, 0.95], eps=1e-8, weight_decay=0.1)),
    ('radam-decoupled', 'radam', O.RAdam, dict(ADAMW, weight_decay=0.1, decoupled_weight_decay=True)),
    ('lion-options', 'lion', kozistr.Lion, dict(lr=0.01, betas=[0.9, 0.99], weight_decay=0.1, weight_decouple=False)),
    ('lion-fixed-decay', 'lion', kozistr.Lion, dict(lr=0.01, betas=[0.9, 0.99], weight_decay=0.01, fixed_decay=True)),
    ('tiger-options', 'tiger', kozistr.Tiger, dict(lr=0.01, beta=0.965, weight_decay=0.1, weight_decouple=False)),
    ('prodigy-options', 'prodigy', kozistr.Prodigy, dict(
        lr=1.0, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01, d0=1e-3, d_coef=2.0, growth_rate=1.02,
        bias_correction=True, safeguard_warmup=True)),
    ('schedulefree-adamw-eval', 'schedulefree_adamw', kozistr.ScheduleFreeAdamW, dict(
        lr=0.01, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01, r=0.5, weight_lr_power=2.0, warmup_steps=10)),
    ('muon', 'muon', muon, dict(lr=0.02, momentum=0.95, nesterov=True, ns_steps=5, weight_decay=0.01, aux_adam=AUX)),
    ('lookahead', 'adamw', wrapped_adamw, dict(ADAMW, lookahead=dict(k=5, alpha=0.5))),
    ('lookahead-options', 'adamw', wrapped_adamw, dict(ADAMW, lookahead=dict(k=4, alpha=0.8))),
    ('ema', 'adamw', wrapped_adamw, dict(ADAMW, parameter_ema=dict(decay=0.9))),
]
BY_NAME = {row[0]: row for row in ROWS}
EXTRA = [
    ('muon-bf16', 'muon', lambda params, **o: muon(params, cast='G.bfloat16()', **o), BY_NAME['muon'][3]),
    ('nadam-options-torch2', *BY_NAME['nadam-options'][1:]),
    ('nadam-decoupled', 'nadam', O.NAdam, dict(ADAMW, weight_decay=0.1, momentum_decay=0.004,
                                               decoupled_weight_decay=True)),
]
if KOZISTR != 'po3.9.0':
    ROWS, EXTRA = [], [('prodigy-options-step1', *BY_NAME['prodigy-options'][1:])]
elif OLD:
    ROWS, EXTRA = [r for r in ROWS if r[0] == 'nadam-options' or '--compare' in sys.argv], []
    ROWS = [r for r in ROWS if getattr(r[2], '__module__', '').startswith('torch.optim') and r[0] != 'radam-decoupled']
else:
    ROWS = [r for r in ROWS if r[0] != 'nadam-options']
VERIFY = {'sgd': O.SGD, 'sgd-nesterov': O.SGD, 'adam': O.Adam, 'adamw': O.AdamW, 'nadam': O.NAdam, 'radam': O.RAdam,
          'rmsprop': O.RMSprop, 'adagrad': O.Adagrad, 'lion': kozistr.Lion, 'tiger': kozistr.Tiger,
          'schedulefree-adamw': kozistr.ScheduleFreeAdamW, 'prodigy': kozistr.Prodigy}


def floats(tensors):  # 9-digit decimals, one list a tensor, as the existing traces write them
    return [[float('%.9g' % x) for x in t.detach().reshape(-1).tolist()] for t in tensors]


def record(scenario, make, options, dtype=torch.float32):
    def tensor(x, shape):
        return torch.tensor(x, dtype=torch.float32).to(dtype).reshape(shape)
    params = torch.nn.ParameterList(torch.nn.Parameter(tensor(p['init'], p['shape'])) for p in scenario['params'])
    optimizer = make(list(params), **options)
    ema = options.get('parameter_ema')
    average = ema and AveragedModel(params, avg_fn=get_ema_avg_fn(ema['decay']))
    getattr(optimizer, 'train', int)()
    expected = []
    for step, entry in enumerate(scenario['steps'], 1):
        for p, g in zip(params, entry['grads']):
            p.grad = tensor(g, p.shape)
        optimizer.step()
        if average is not None:
            average.update_parameters(params)
        row = {'step': step}
        if step <= 3 or step % 15 == 0:
            row['params'] = floats(params)
            if average is not None:
                row['eval_params'] = floats(average.module)
            elif hasattr(optimizer, 'eval'):
                kept = [p.detach().clone() for p in params]
                optimizer.eval()
                row['eval_params'] = floats(params)
                optimizer.train()
                for p, k in zip(params, kept):  # train() only nearly undoes eval()
                    p.data.copy_(k)
        expected.append(row)
    return expected


def distance(a, b):  # the largest |a - b| / max(1, |b|) over the recorded values
    return max((abs(x - y) / max(1.0, abs(y)) for r, s in zip(a, b) for key in r.keys() & s.keys() if key != 'step'
                for t, u in zip(r[key], s[key], strict=True) for x, y in zip(t, u, strict=True)), default=math.nan)


def main():
    torch.set_num_threads(1)
    golden, target = Path(sys.argv[1]), sys.argv[2]
    scenarios = {k: json.loads((golden / f'scenario-{k}.json').read_text()) for k in KINDS}
    if target == '--verify':
        for name, make in VERIFY.items():
            far = []
            for kind, scenario in scenarios.items() if make else ():
                trace = json.loads((golden / f'{name}.{kind}.json').read_text())
                options = {k: v for k, v in trace['optimizer'].items() if k != 'name'}
                far.append(distance(record(scenario, make, options), trace['expected']))
            print(f'{name:20}', ' '.join(f'{x:.1e}' for x in far))
        options = BY_NAME['schedulefree-adamw-eval'][3]
        print('schedulefree 1.4.1 against kozistr', *('%.1e' % distance(
            record(s, schedulefree.AdamWScheduleFree, options), record(s, kozistr.ScheduleFreeAdamW, options))
            for s in scenarios.values() if not OLD))
        return
    out = Path(target)
    (out / 'extra').mkdir(parents=True, exist_ok=True)
    for folder, rows in ((out, ROWS), (out / 'extra', EXTRA)):
        for name, key, make, options in rows:
            far = []
            for kind, scenario in scenarios.items():
                path = folder / f'{name}.{kind}.json'
                dtype = torch.float64 if '--double' in sys.argv else torch.float32
                torch.set_default_dtype(dtype)
                expected = record(scenario, make, copy.deepcopy(options), dtype)
                if sys.argv[3:]:
                    far.append(distance(expected, json.loads(path.read_text())['expected']))
                    continue
                assert all(math.isfinite(x) for row in expected for t in row.get('params', []) for x in t), (name, kind)
                path.write_text(json.dumps({'format': 'emotrain-trace/1', 'scenario': kind, 'optimizer': {
                    'name': key, **options}, 'expected': expected}, separators=(',', ':')))
            print(name, *('%.1e' % x for x in far), flush=True)


main()
