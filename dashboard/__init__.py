"""The pages people work in, on Streamlit. Reads through `data`, acts through `actions`, and nothing else."""
