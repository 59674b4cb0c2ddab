"""Use cases: policy, one transaction, event. The only thing front ends call."""
