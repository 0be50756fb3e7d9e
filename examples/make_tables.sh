#!/bin/sh
# Writes the table examples of this folder again: each instance, its .mapping and its .test.csv.
set -e
cd "$(dirname "$0")"
PATH="$PWD/../.venv/bin:$PATH"

qnnt generate csv data/breast_cancer_wisconsin.csv --target class --d 2 --hidden 3 --test 0.3 \
  --name breast-cancer-wisconsin -o breast_cancer.json

qnnt generate csv data/breast_cancer_ljubljana.csv --target class --d 2 --hidden 2 --test 0.3 \
  --column age=ordinal --column tumor_size=ordinal --column inv_nodes=ordinal \
  --column menopause=ordinal:lt40,premeno,ge40 --column node_caps=ordinal:no,yes \
  --column breast=ordinal:left,right --column irradiat=ordinal:no,yes \
  --name breast-cancer-ljubljana -o recurrence.json

qnnt generate csv data/haberman.csv --target survival --d 4 --hidden 2 --test 0.3 --name haberman -o haberman.json

qnnt generate csv data/balance_scale.csv --target class --d 4 --hidden 2 --rows 80 --test 0.3 \
  --name balance-scale -o balance_scale.json

qnnt generate csv data/monks1_train.csv --target class --d 2 --hidden 4 \
  --column a1=categorical --column a2=categorical --column a3=categorical \
  --column a4=categorical --column a5=categorical --column a6=categorical \
  --name monks-1 -o monks1.json

qnnt generate csv data/tic_tac_toe.csv --target class --d 3 --hidden 2 --rows 60 --test 0.3 \
  --column tl=ordinal:o,b,x --column tm=ordinal:o,b,x --column tr=ordinal:o,b,x \
  --column ml=ordinal:o,b,x --column mm=ordinal:o,b,x --column mr=ordinal:o,b,x \
  --column bl=ordinal:o,b,x --column bm=ordinal:o,b,x --column br=ordinal:o,b,x \
  --name tic-tac-toe -o tic_tac_toe.json
