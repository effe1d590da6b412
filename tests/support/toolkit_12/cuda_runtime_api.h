// SPDX-License-Identifier: Apache-2.0
// What a file that asks for no more than the toolkit's version finds in an older toolkit.
#pragma once

#define CUDART_VERSION 12080
