// SPDX-License-Identifier: Apache-2.0
// The program that owns the headers which all tests have compiled once. It has no case.
