# A BIDS App: docker build -t gan_mri .   (with a GPU: --build-arg EXTRA=gpu)
#   docker run --rm --network none -v STUDY:/data:ro -v OUT:/out -v RUN:/model:ro \
#     gan_mri /data /out participant --model /model
# Apptainer: apptainer build gan_mri.sif docker-daemon://gan_mri:latest
FROM python:3.11-slim

# "" for processors only, "gpu" for NVIDIA's.
ARG EXTRA=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1 MPLBACKEND=Agg

WORKDIR /app
COPY setup.cfg pyproject.toml README.md LICENSE ./
COPY gan_mri ./gan_mri
# hadolint ignore=DL3013
RUN pip install ".[${EXTRA}]" \
    && useradd --create-home --uid 1000 researcher

# Nothing is loaded from the network when it runs, and nothing is done as root.
USER 1000
WORKDIR /home/researcher
ENTRYPOINT ["python", "-m", "gan_mri.bids"]
