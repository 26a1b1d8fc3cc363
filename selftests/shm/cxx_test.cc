// SPDX-License-Identifier: GPL-2.0-only
#include <pcring.h>
int main(){return 0;}
