"""What the general alarm flags of GB/T 32960.3-2016, table 18, are called, by bit."""

from typing import Final

FLAGS: Final[tuple[tuple[str, str], ...]] = (
    ("温度差异", "temperature difference"),
    ("电池高温", "battery hot"),
    ("储能装置过压", "pack over-voltage"),
    ("储能装置欠压", "pack under-voltage"),
    ("SOC 低", "SOC low"),
    ("单体过压", "cell over-voltage"),
    ("单体欠压", "cell under-voltage"),
    ("SOC 过高", "SOC too high"),
    ("SOC 跳变", "SOC jumps"),
    ("储能系统不匹配", "pack does not match"),
    ("单体一致性差", "cells differ"),
    ("绝缘", "insulation"),
    ("DC-DC 温度", "DC-DC temperature"),
    ("制动系统", "brakes"),
    ("DC-DC 状态", "DC-DC state"),
    ("电机控制器温度", "motor controller temperature"),
    ("高压互锁", "high-voltage interlock"),
    ("驱动电机温度", "motor temperature"),
    ("储能装置过充", "pack overcharged"),
)


def flag_name(bit: int, *, english: bool) -> str:
    """What a flag is called; one that the standard does not name, by its number.

    >>> flag_name(11, english=False), flag_name(31, english=True)
    ('绝缘', 'bit 31')
    """
    return FLAGS[bit][english] if 0 <= bit < len(FLAGS) else f"bit {bit}"
