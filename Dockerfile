FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 QUARTERDECK_DATA_DIR=/data HOST=0.0.0.0 PORT=8000
WORKDIR /app

COPY requirements/base.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/base.txt

COPY . .
RUN useradd --system --uid 10001 --home-dir /data quarterdeck && install -d -o quarterdeck -g quarterdeck -m 0700 /data
USER quarterdeck
VOLUME /data
EXPOSE 8000

CMD ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
