# SPDX-License-Identifier: GPL-2.0
"""Everyday states of a machine: how soon does a driver get his buffer in each of them?"""
